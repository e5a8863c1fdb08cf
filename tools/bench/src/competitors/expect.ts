import { fileURLToPath } from "node:url";
import { finish, type Competitor } from "./competitor.ts";

const script = fileURLToPath(new URL("trust.exp", import.meta.url));

export const expectScript: Competitor = {
  name: "expect",
  needs: { program: "expect", versionFlag: "-v" },
  trust: (cli, claudeHome, folder) =>
    finish(
      "expect",
      ["-f", script, claudeHome.stateFile, claudeHome.lock, folder, cli.path, ...claudeHome.args],
      claudeHome.env,
    ),
};
