import { library } from "../../tools/settings/tsup.shared.ts";

export default library({
  index: "src/index.ts",
  "node/index": "src/node/index.ts",
  "node/foreign-child": "../../internal/foundation/sqlite/src/foreign/foreign-child.ts",
  "testing/index": "src/testing/index.ts",
});
