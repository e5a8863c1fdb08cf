import { readFile } from "node:fs/promises";
import { cliEnvironment } from "../cli-program.ts";
import type { OwnProvider } from "../container-json.ts";
import type { ProviderPlace } from "../provider.ts";
import { filled } from "../filled.ts";
import type { AcpAgent } from "./acp.ts";

/** An agent of the operator's own, by its row. Nobody here has seen it, so a person is asked about each of its tools. */
export const ownAgent = ({ name, command, env, ...facts }: OwnProvider): AcpAgent => ({
  ...facts,
  // Its files in `out` are not those of a provider of ours.
  name: `own-${name}`,
  refusal: ({ json: { model, groupId } }) => {
    const needsModel = [...command, ...Object.values(env)].some((text) => text.includes("{model}"));
    return Promise.resolve(
      needsModel && model === null
        ? {
            code: "failed",
            message: `The provider own:${name} needs the name of a model: ncl groups config update ${groupId} --model MODEL, then ncl groups restart ${groupId}`,
          }
        : null,
    );
  },
  prepare: async (place) => {
    const values = await valuesOf(place);
    const [program = "", ...args] = command.map((word) => filled(word, values));
    const own = Object.entries(env).map(([variable, value]) => [variable, filled(value, values)]);
    return {
      command: [program, ...args],
      cwd: place.cwd,
      env: { ...cliEnvironment(place.env), ...(Object.fromEntries(own) as Record<string, string>) },
      install: "its own documentation says how",
    };
  },
  failedServer: () => null,
  options: {},
  nameOfKind: {},
  notice: null,
  turnError: null,
  toolTimeMs: () => null,
  readPaths: () => null,
});

/** The address and the token of the gateway, and the model of the group. */
const valuesOf = async ({
  gateway,
  json: { model },
}: ProviderPlace): Promise<Readonly<Record<string, string>>> => ({
  url: gateway?.url ?? "",
  key: gateway === null ? "" : (await readFile(gateway.tokenFile, "utf8")).trim(),
  model: model ?? "",
});
