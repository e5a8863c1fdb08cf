import { library } from "../../tools/settings/tsup.shared.ts";

export default library({
  index: "src/index.ts",
  argv: "src/wire/argv.ts",
  "client/index": "src/client/index.ts",
  "node/index": "src/node/index.ts",
  "testing/index": "src/testing/index.ts",
});
