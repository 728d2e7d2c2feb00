"""What is done to import files (批量导入)."""

import strawberry

from api.schema.imports import ImportRun
from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload, ref, says
from domain.imports import use_cases as imports
from domain.imports.entities import ImportKind, ImportMode


@strawberry.input(description="开始导入 / starting an import")
class StartImportInput:
    """Starting an import."""

    document_id: strawberry.ID = ref("doc", "已上传的工作簿(用途 OTHER)", "the uploaded workbook (purpose OTHER)")
    kind: ImportKind = says("导入内容", "what it holds")
    mode: ImportMode = says("导入方式", "what happens to rows in order when others are not")
    dry_run: bool | None = may("试运行:只检查,不写入", "only check the rows")
    idempotency_key: str | None = key()


ImportRunPayload = payload("ImportRunPayload", "import_run", ImportRun, "导入", "the import")


@strawberry.type
class ImportMutations:
    """What is done to import files."""

    start_import: ImportRunPayload = mutation(
        Run(imports.start_import, entity("importRun")),
        StartImportInput,
        "导入单位、系统或线下备案(办公室经办人、市管理员;系统亦可由填报人) / import units, systems or filings "
        "(officers, city admin; a unit's filer its systems)",
    )
