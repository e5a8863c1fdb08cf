import { providerProbes } from "@trust/team-launch/node";
import { offline, openBox } from "../box/box.ts";
import { clis } from "../clis/clis.ts";
import { compareVersions } from "../clis/version.ts";
import type { Check } from "./check-all.ts";
import { differs } from "./differs.ts";

/** A probe's question, and the real CLI's expected answer. `key` is a variable of the environment. */
type Question = {
  readonly args: readonly string[];
  readonly model: RegExp;
  readonly key?: string;
  readonly code: string | undefined;
};

const questions: Readonly<Record<"claude" | "codex", readonly Question[]>> = {
  claude: [
    { args: [], model: /^claude-/, code: "not-signed-in" },
    { args: ["--settings", '{"model":"haiku"}'], model: /^claude-haiku-/, code: "not-signed-in" },
    { args: ["--model", "opus"], model: /^opus$/, key: "ANTHROPIC_API_KEY", code: undefined },
  ],
  codex: [
    { args: [], model: /^gpt-/, code: "not-signed-in" },
    { args: ["-c", 'model="named"'], model: /^named$/, key: "OPENAI_API_KEY", code: "not-signed-in" },
    { args: ["-c", 'model_provider="ollama"', "-m", "local"], model: /^local$/, code: undefined },
  ],
};

/** `providerProbes` asks the newest CLI of a provider, in a HOME without an account. */
export const probeCheck = (provider: "claude" | "codex"): Check => ({
  name: "provider-probes",
  notOn: (version) =>
    compareVersions(version, clis[provider].versions.at(-1) ?? "") < 0
      ? `The probes are for the newest ${provider}.`
      : null,
  run: async ({ path }) => {
    const box = openBox();
    try {
      const problems: string[] = [];
      for (const { args, model, key, code } of questions[provider]) {
        const env = { ...box.env, ...offline, ...(key === undefined ? {} : { [key]: "sk-none" }) };
        const probes = providerProbes({ env, cli: { [provider]: path } });
        const named = (await probes.defaultModel({ provider, args })) ?? "unknown";
        const wrong = await probes.checkProvider({ provider, args });
        const asked = `${provider} ${args.join(" ")}`;
        if (!model.test(named)) problems.push(`the model of ${asked} is ${named}, not ${model.source}`);
        problems.push(...differs(`what is wrong with ${asked}`, wrong?.code ?? "nothing", code ?? "nothing"));
      }
      return problems;
    } finally {
      box.remove();
    }
  },
});
