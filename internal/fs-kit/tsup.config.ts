import { library } from "../../tsup.shared.ts";

export default library({ index: "src/index.ts", "data-folder": "src/data-folder.ts" });
