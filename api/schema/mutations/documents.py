"""What is done with files (文件)."""

import datetime as dt

import strawberry

from api.schema.common import BigInt
from api.schema.filings import Document
from api.schema.mutations.adapter import Answer, Run, entity, key, mutation, payload, ref, says
from domain.documents import use_cases as documents
from domain.documents.kinds import DocumentKind


@strawberry.input(description="申请上传 / announcing a file")
class RequestUploadInput:
    """Announcing a file."""

    filename: str = says("文件名", "file name")
    size: BigInt = says("大小(字节)", "size in bytes")
    sha256: str = says("SHA-256 摘要(十六进制)", "SHA-256, hexadecimal")
    purpose: DocumentKind = says("用途", "what it is for")
    idempotency_key: str | None = key()


@strawberry.input(description="完成上传 / completing an upload")
class CompleteUploadInput:
    """Completing an upload."""

    upload_id: strawberry.ID = ref("doc", "requestUpload 给出的标识", "the id that requestUpload gave")
    idempotency_key: str | None = key()


@strawberry.input(description="申请下载 / asking for a download")
class RequestDownloadInput:
    """Asking for a download."""

    document_id: strawberry.ID = ref("doc", "文件", "the document")
    idempotency_key: str | None = key()


@strawberry.type(description="HTTP 头 / a header")
class HttpHeader:
    """A header."""

    name: str = says("名称", "name")
    value: str = says("值", "value")


@strawberry.type(description="获准的上传:按所给方法、地址和头发送文件 / an upload that was granted: send exactly this")
class Upload:
    """An upload that was granted."""

    id: strawberry.ID = says("标识,用于 completeUpload", "its id, for completeUpload")
    method: str = says("HTTP 方法", "HTTP method")
    url: str = says("地址", "address")
    headers: list[HttpHeader] = says("须发送的头", "headers to send")
    expires_at: dt.datetime = says("有效期至", "good until")


@strawberry.type(description="短期有效的下载地址 / a short-lived link")
class Download:
    """A short-lived link."""

    url: str = says("地址", "address")
    expires_at: dt.datetime = says("有效期至", "good until")


DocumentPayload = payload("DocumentPayload", "document", Document, "文件", "the document")
RequestUploadPayload = payload("RequestUploadPayload", "upload", Upload, "获准的上传", "the upload granted")
DownloadPayload = payload("DownloadPayload", "document", Document, "下载", "the download granted", download=Download)


def _upload(granted: documents.Upload) -> Answer:
    headers = [{"name": name, "value": value} for name, value in granted.headers.items()]
    upload = {
        "id": f"doc_{granted.document.id}",
        "method": "PUT",
        "url": granted.url,
        "headers": headers,
        "expiresAt": granted.expires_at.isoformat(),
    }
    return Answer({}, {"upload": upload})


def _download(granted: documents.Download) -> Answer:
    download = {"url": granted.url, "expiresAt": granted.expires_at.isoformat()}
    return Answer({"document": granted.document.id}, {"download": download})


@strawberry.type
class DocumentMutations:
    """What is done with files."""

    request_upload: RequestUploadPayload = mutation(
        Run(documents.request_upload, _upload), RequestUploadInput, "申请上传文件 / announce a file"
    )
    complete_upload: DocumentPayload = mutation(
        Run(documents.complete_upload, entity("document")), CompleteUploadInput, "完成上传 / complete an upload"
    )
    request_download: DownloadPayload = mutation(
        Run(documents.request_download, _download), RequestDownloadInput, "申请下载文件 / ask for a download"
    )
