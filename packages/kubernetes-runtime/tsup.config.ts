import { library } from "../../tools/settings/tsup.shared.ts";

export default library({
  index: "src/index.ts",
  "node/index": "src/node/index.ts",
  "testing/index": "src/node/testing/index.ts",
});
