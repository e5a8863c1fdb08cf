import { readFile } from "node:fs/promises";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/**
 * Sends SIGTERM to the program of a sandbox. The processes of bubblewrap around it do not pass signals on: they would end
 * at once, and the program would have no time. If there is no program yet, `otherwise` ends what is there.
 * Resolves to null, or to the error.
 */
export const terminateProgram = async (
  leader: number,
  otherwise: () => Promise<string | null>,
): Promise<string | null> => {
  const program = await programBelow(leader);
  if (program === null) return otherwise();
  try {
    process.kill(program, "SIGTERM");
    return null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ESRCH" ? null : code;
  }
};

/** The first process below a leader that is none of bubblewrap: the oldest child of the namespace's first process. */
const programBelow = async (leader: number): Promise<number | null> => {
  for (let pid: number | null = leader; pid !== null; pid = await firstChildOf(pid))
    if (pid !== leader && (await nameOf(pid)) !== "bwrap") return pid;
  return null;
};

const nameOf = async (pid: number): Promise<string> => (await textOf(`/proc/${pid}/comm`)).trim();

const firstChildOf = async (pid: number): Promise<number | null> => {
  const [first = ""] = (await textOf(`/proc/${pid}/task/${pid}/children`)).split(" ");
  return first === "" ? null : Number(first);
};

/** Empty for a process that has ended. */
const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};
