import { codexCommand, codexEnvironment, introduce, startCodex } from "@gatehouse/agent-runner/codex";
import type { ProviderPlace } from "@gatehouse/agent-runner/claude";
import { asList } from "./model-log.ts";

type Turn = { readonly items?: readonly { readonly type?: string; readonly clientId?: string | null }[] };

/** Turns in one page. A larger page of real threads would be a very long line. */
const pageSize = 50;

/** The client ids of the prompts in a thread, as Codex itself reads it from disk. */
export const promptsInThread = async (
  { folder, cwd, env }: ProviderPlace,
  threadId: string,
): Promise<readonly string[]> => {
  const start = { command: codexCommand(cwd), cwd, env: codexEnvironment(env, folder) };
  const program = startCodex(start);
  try {
    await introduce(program);
    const found: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page = { threadId, cursor, limit: pageSize, itemsView: "full" };
      const listed = await program.call("thread/turns/list", page);
      if (!listed.ok) throw new Error(`The thread ${threadId} cannot be read: ${listed.error.message}`);
      const { data, nextCursor } = listed.value as { data?: unknown; nextCursor?: string | null };
      const items = asList<Turn>(data).flatMap((turn) => turn.items ?? []);
      found.push(
        ...items.flatMap(({ type, clientId }) => (type === "userMessage" && clientId ? [clientId] : [])),
      );
      if (nextCursor === null || nextCursor === undefined) return found;
      cursor = nextCursor;
    }
  } finally {
    program.kill();
    await program.exited;
  }
};
