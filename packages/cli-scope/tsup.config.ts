import { library } from "../../tsup.shared.ts";

export default library({
  index: "src/index.ts",
  argv: "src/wire/argv.ts",
  "testing/index": "src/testing/index.ts",
});
