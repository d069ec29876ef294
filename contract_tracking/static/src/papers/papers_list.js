import { fileUploadListView } from "@account/views/file_upload_list/file_upload_list_view";
import { FileUploadListRenderer } from "@account/views/file_upload_list/file_upload_list_renderer";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Papers of contracts: drop files on the list to file them. */
export class PapersListRenderer extends FileUploadListRenderer {
    setup() {
        super.setup();
        this.dropZoneTitle = _t("Drop the papers here to file them.");
    }
}

registry.category("views").add("contract_papers_list", {
    ...fileUploadListView,
    Renderer: PapersListRenderer,
});
