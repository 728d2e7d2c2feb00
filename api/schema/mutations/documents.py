"""What is done with files (文件)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import strawberry

from api.schema.common import BigInt
from api.schema.filings import Document
from api.schema.mutations.adapter import Answer, Run, entity, key, mutation, payload, ref, says
from domain.documents import downloads, uploads
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


@strawberry.input(description="续传或放弃上传 / going on with an upload, or giving it up")
class UploadStepInput:
    """Going on with an upload, or giving it up."""

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


@strawberry.type(description="上传的一个分片:按所给地址和头发送这些字节 / one part of an upload: send it exactly so")
class UploadPart:
    """One part of an upload."""

    number: int = says("序号,从 1 起", "its number, from 1 on")
    size: BigInt = says("大小(字节)", "size in bytes")
    received: bool = says("是否已收到", "whether it has come")
    method: str = says("HTTP 方法", "HTTP method")
    url: str = says("地址", "address")
    headers: list[HttpHeader] = says("须发送的头", "headers to send")
    relay_path: str = says("经本平台转送时的路径", "its path where it is relayed by the platform")


@strawberry.type(description="获准的上传:按所给方法、地址和头发送文件 / an upload that was granted: send exactly this")
class Upload:
    """An upload that was granted."""

    id: strawberry.ID = says("标识,用于 completeUpload", "its id, for completeUpload")
    method: str = says("HTTP 方法", "HTTP method")
    url: str = says("地址", "address")
    headers: list[HttpHeader] = says("须发送的头", "headers to send")
    expires_at: dt.datetime = says("有效期至;过期后用 resumeUpload", "good until; afterwards ask resumeUpload")
    relay_path: str = says(
        "只能访问本平台时:将文件 PUT 到此路径(附登录令牌)",
        "for clients that reach only the platform: PUT the file there, with the token",
    )
    received_bytes: BigInt = says("已收到的字节数", "how many bytes have come")
    part_size: BigInt | None = says("每片大小;不分片时为空", "bytes in a part, null for what comes whole")
    parts: list[UploadPart] = says(
        "分片(大于 64 MiB 时);也可不分片,按 url 一次上传", "its parts, beyond 64 MiB; it may come whole all the same"
    )


@strawberry.type(description="短期有效的下载地址 / a short-lived link")
class Download:
    """A short-lived link."""

    url: str = says("地址", "address")
    expires_at: dt.datetime = says("有效期至", "good until")


DocumentPayload = payload("DocumentPayload", "document", Document, "文件", "the document")
RequestUploadPayload = payload("RequestUploadPayload", "upload", Upload, "获准的上传", "the upload granted")
DownloadPayload = payload("DownloadPayload", "document", Document, "下载", "the download granted", download=Download)


def _upload(granted: uploads.Upload) -> Answer:
    document, id_ = granted.document, f"doc_{granted.document.id}"
    path = f"/uploads/{id_}"
    upload = {
        "id": id_,
        **_target(granted.url, granted.headers, path),
        "expiresAt": granted.expires_at.isoformat(),
        "receivedBytes": document.received_bytes,
        "partSize": document.part_size,
        "parts": [
            {
                "number": part.number,
                "size": part.size,
                "received": part.received,
                **_target(part.url, part.headers, f"{path}/{part.number}"),
            }
            for part in granted.parts
        ],
    }
    return Answer({}, {"upload": upload})


def _target(url: str, headers: Mapping[str, str], path: str) -> dict[str, Any]:
    shown = [{"name": name, "value": value} for name, value in headers.items()]
    return {"method": "PUT", "url": url, "headers": shown, "relayPath": path}


def _download(granted: downloads.Download) -> Answer:
    download = {"url": granted.url, "expiresAt": granted.expires_at.isoformat()}
    return Answer({"document": granted.document.id}, {"download": download})


@strawberry.type
class DocumentMutations:
    """What is done with files."""

    request_upload: RequestUploadPayload = mutation(
        Run(uploads.request_upload, _upload), RequestUploadInput, "申请上传文件 / announce a file"
    )
    resume_upload: RequestUploadPayload = mutation(
        Run(uploads.resume_upload, _upload),
        UploadStepInput,
        "续传:已收到哪些分片,其余的新地址 / go on: which parts have come, and fresh addresses",
    )
    abort_upload: DocumentPayload = mutation(
        Run(uploads.abort_upload, entity("document")), UploadStepInput, "放弃上传 / give an upload up"
    )
    complete_upload: DocumentPayload = mutation(
        Run(uploads.complete_upload, entity("document")),
        CompleteUploadInput,
        "完成上传;大文件随后在后台检查 / complete an upload; a large file is looked into in the background",
    )
    request_download: DownloadPayload = mutation(
        Run(downloads.request_download, _download), RequestDownloadInput, "申请下载文件 / ask for a download"
    )
