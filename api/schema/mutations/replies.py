"""What is done with reply letters (复函)."""

import strawberry

from api.schema.filings import ReplyLetter
from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload, ref, says, version
from domain.replies import use_cases as replies
from domain.replies.entities import ReplyKind


@strawberry.input(description="拟复函 / drafting a reply")
class DraftReplyInput:
    """Drafting a reply."""

    filing_id: strawberry.ID = ref("fil", "备案", "the filing")
    kind: ReplyKind = says("类别", "kind")
    body: str | None = may("正文;复函 C 须写明理由", "text; reply C gives its reasons here")
    missing_items: list[str] | None = may("所缺材料(复函 B 必填)", "what is missing, required for reply B")
    idempotency_key: str | None = key()


@strawberry.input(description="复函的一步 / a step of a reply")
class ReplyStepInput:
    """A step of a reply."""

    reply_letter_id: strawberry.ID = ref("rep", "复函", "the reply letter")
    reason: str | None = may("退回理由(退回时必填)", "why it is returned, required for returning")
    version: int | None = version()
    idempotency_key: str | None = key()


ReplyLetterPayload = payload("ReplyLetterPayload", "reply_letter", ReplyLetter, "复函", "the reply letter")

_reply = entity("replyLetter")


@strawberry.type
class ReplyMutations:
    """What is done with reply letters."""

    draft_reply: ReplyLetterPayload = mutation(
        Run(replies.draft_reply, _reply), DraftReplyInput, "拟复函(市经办人) / draft a reply (city officer)"
    )
    issue_reply: ReplyLetterPayload = mutation(
        Run(replies.issue_reply, _reply), ReplyStepInput, "签发复函(市领导) / issue a reply (city leader)"
    )
    return_reply: ReplyLetterPayload = mutation(
        Run(replies.return_reply, _reply), ReplyStepInput, "退回复函(市领导) / return a reply (city leader)"
    )
