import { differs } from "../check/differs.ts";
import type { Run } from "../agents/agent-check.ts";
import { ownHost } from "./own-host.ts";

/** A model and an effort are saved if the CLI knows them; else the nearest name is told. No model is asked. */
export const savedModels: Run = async (stage) => {
  const { model, agentCli } = stage;
  const [typed, meant] = agentCli.mistyped;
  const host = await ownHost(stage);
  await host.up();
  const update = (...flags: readonly string[]): string => {
    try {
      host.ncl("groups", "config", "update", "Ada", ...flags);
      return "saved";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const refused = (flag: string, name: string, near: string): readonly string[] => {
    const said = update(`--${flag}`, name);
    return [`no ${flag} \\"${name}\\"`, `Did you mean ${near}?`]
      .filter((part) => !said.includes(part))
      .map((part) => `--${flag} ${name}: no ${part} in ${said}`);
  };
  const problems = [
    ...agentCli.knownModels.flatMap((name) => differs(name, update("--model", name), "saved")),
    ...differs("an effort", update("--effort", "high"), "saved"),
    ...refused("model", typed, meant),
    ...refused("effort", "hihg", "high"),
    ...differs("a name that is meant", update("--model", "my-own-model", "--yes"), "saved"),
    ...differs("the requests to the model", model.requests().length, 0),
  ];
  await host.down();
  return problems;
};
