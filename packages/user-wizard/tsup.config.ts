import { library } from "../../tools/settings/tsup.shared.ts";

export default library({
  index: "src/index.ts",
  "node/index": "src/node/index.ts",
  "node/load-users-worker": "src/node/users-file/load-users-worker.ts",
  "testing/index": "src/testing/index.ts",
});
