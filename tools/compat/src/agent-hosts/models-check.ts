import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { differs } from "../check/differs.ts";
import type { Run } from "../agents/agent-check.ts";
import { onHost, ownHost, type OwnHost } from "./own-host.ts";

/**
 * The model of a group, of a person in users.yaml and of a session (`/model`) in the requests of the real CLI. Each
 * wins over the one before it, and the gateway lets it pass.
 */
export const models: Run = async (stage) => {
  const { box, agentCli, model } = stage;
  const [persons, sessions] = agentCli.otherModels;
  const host = await ownHost(stage);
  const says = (text: string) => host.chatAs({ group: "Ada", user: "telegram:5" }, text);
  const writePerson = (entry: object): void =>
    writeFileSync(
      join(box.data, "users.yaml"),
      JSON.stringify({ users: [{ telegram_id: 5, name: "Bo", role: "admin", ...entry }] }),
      { mode: 0o600 },
    );
  writePerson({});
  await host.up();
  host.ncl("groups", "config", "update", "Ada", "--model", agentCli.model);
  const problems: string[] = [];
  let last: readonly string[] = [];
  const asks = async (text: string, wanted: string): Promise<void> => {
    const before = model.requests().length;
    problems.push(...differs(`the answer to ${text}`, await says(text), [`you said: ${text}`]));
    const requests = model.requests().slice(before);
    const used = new Set(requests.map(({ body }) => body.model));
    // Codex sums up the conversation with the model before, if the two do so in different forms: gpt-5.5 and gpt-6-sol.
    const earlier = agentCli.name === "codex" && used.size === 2 ? last : [];
    problems.push(...differs(`the models of ${text}`, [...used], [...earlier, wanted]));
    last = [wanted];
  };
  await asks("one", agentCli.model);
  writePerson({ model: persons });
  host.ncl("users", "reload");
  await atRest(host);
  await asks("two", persons);
  const orders = async (text: string, wanted: string): Promise<void> => {
    await says(text);
    await atRest(host);
    const [session] = host.ncl("sessions", "list") as { readonly id: string }[];
    const { effective_model: used, model_from: from } = host.ncl(
      ...["sessions", "config", "get", session?.id ?? ""],
    ) as { readonly effective_model: string; readonly model_from: string };
    problems.push(...differs(`the model after ${text}`, `${used} by ${from}`, wanted));
  };
  await orders(`/model ${sessions}`, `${sessions} by session`);
  await asks("three", sessions);
  await orders("/model default", `${persons} by person`);
  await asks("four", persons);
  // The turn that runs ends with the model that it began with.
  const before = model.requests().length;
  const running = asks("five", persons);
  await model.hasMoreThan(before);
  await orders(`/model ${sessions}`, `${sessions} by session`);
  await running;
  await asks("six", sessions);
  await host.down();
  return problems;
};

/** Resolves once the session's agent was stopped, so that the next message starts it with the new model. */
const atRest = async ({ ncl }: OwnHost): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1, await pause(50)) {
    const sessions = ncl("sessions", "list") as { readonly container_status: string }[];
    if (sessions.every(({ container_status: status }) => status === "stopped")) return;
  }
  throw new Error("The agent was not stopped within 15 s.");
};

/** A model and an effort are saved if the CLI knows them; otherwise the nearest name is shown. No model is asked. */
export const savedModels: Run = onHost(async (host, { model, agentCli }) => {
  const [typed, near] = agentCli.mistyped;
  const update = (...flags: readonly string[]): string => {
    try {
      host.ncl("groups", "config", "update", "Ada", ...flags);
      return "saved";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const refused = (flag: string, name: string, nearest: string): readonly string[] => {
    const said = update(`--${flag}`, name);
    return [`no ${flag} \\"${name}\\"`, `Did you mean ${nearest}?`]
      .filter((part) => !said.includes(part))
      .map((part) => `--${flag} ${name}: no ${part} in ${said}`);
  };
  return [
    ...agentCli.knownModels.flatMap((name) => differs(name, update("--model", name), "saved")),
    ...differs("an effort", update("--effort", "high"), "saved"),
    ...refused("model", typed, near),
    ...refused("effort", "hihg", "high"),
    ...differs("a name that is meant", update("--model", "my-own-model", "--yes"), "saved"),
    ...differs("the requests to the model", model.requests().length, 0),
  ];
});
