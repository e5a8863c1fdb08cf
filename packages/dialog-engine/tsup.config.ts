import { library } from "../../tools/settings/tsup.shared.ts";

export default library({
  index: "src/index.ts",
  consents: "src/consents.ts",
  "packs/index": "src/packs/index.ts",
  "node/index": "src/node/index.ts",
  "testing/index": "src/testing/index.ts",
});
