import { fileURLToPath } from "node:url";
import { finish, type Competitor } from "./competitor.ts";

const script = fileURLToPath(new URL("trust.exp", import.meta.url));

export const expectScript: Competitor = {
  name: "expect",
  needs: { program: "expect", versionFlag: "-v" },
  trust: (cli, world, folder) =>
    finish("expect", ["-f", script, world.stateFile, world.lock, folder, cli.path, ...world.args], world.env),
};
