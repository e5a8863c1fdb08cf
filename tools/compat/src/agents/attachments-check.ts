import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { differs } from "../check/differs.ts";
import type { AgentCli, AttachedName } from "./agent-clis.ts";
import { countOf, promptsSeen, type HostedCli, type Run } from "./agent-check.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

/** A PNG of four red pixels. Codex leaves out an image that it cannot read. */
const pixels =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mP4z8AARAwQCgAf7gP9Y167WwAAAABJRU5ErkJggg==";

const files: Readonly<Record<AttachedName, Buffer>> = {
  "a.png": Buffer.from(pixels, "base64"),
  "b.pdf": Buffer.from("%PDF-1.4\n%%EOF\n"),
};

/** A CLI that takes files, and the files in its requests. */
type SeeingCli = HostedCli & Pick<AgentCli, "provider" | "seesFiles" | "filesIn">;

/** The model sees images, and PDFs where the CLI takes them, at once; the message is a plain prompt beside them. */
export const seesFiles: Run<SeeingCli> = async (stage) => {
  const { model, agentCli } = stage;
  const agent = ownAgent(stage);
  const attached = Object.entries(files).map(([name, content]) => {
    const path = join(agent.place.folder, name);
    writeFileSync(path, content);
    return { name, path };
  });
  const provider = agent.provider();
  await provider.start(null);
  const tools = turnTools(AbortSignal.timeout(60_000), { attachmentsOf: () => attached });
  const turn = await provider.turn(promptOf("m-1", "look at both"), tools);
  provider.stop();
  const requests = model.requests();
  return [
    ...differs("the turn", turn.ok, true),
    ...differs("how often the model sees the text", countOf(promptsSeen(requests), "look at both"), 1),
    ...differs(
      "the files in the request",
      agentCli.filesIn(requests.at(-1)?.body ?? {}),
      agentCli.seesFiles.map((name) => files[name].toString("base64")),
    ),
  ];
};
