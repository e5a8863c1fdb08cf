import type { JournalFile, Machine } from "../../ports.ts";

/** Programs that only look something up. */
const looksUp = new Set(["getent", "id", "dscl"]);

/**
 * The same machine. It calls `onChange` with a call's name after each call that may have changed something.
 */
export const countedMachine = (machine: Machine, onChange: (call: string) => void): Machine => {
  const counted =
    <Args extends readonly unknown[], T>(call: string, work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const result = await work(...args);
      onChange(call);
      return result;
    };
  const { files } = machine;
  const countedJournal = (journal: JournalFile): JournalFile => ({
    records: journal.records,
    append: counted("append", journal.append),
    close: counted("close", journal.close),
  });
  return {
    ...machine,
    files: {
      ...files,
      create: counted("create", files.create),
      rename: counted("rename", files.rename),
      remove: counted("remove", files.remove),
      give: counted("give", files.give),
    },
    run: async (command, options) => {
      const ran = await machine.run(command, options);
      const isQuestion = command[0] === "sudo" && command.at(-1) === ":";
      if (!isQuestion && !looksUp.has(command[0] ?? "")) onChange(command.join(" "));
      return ran;
    },
    journals: {
      ...machine.journals,
      open: async (usersFile) => {
        const opened = await machine.journals.open(usersFile);
        onChange("open journal");
        return opened.ok ? { ok: true, value: countedJournal(opened.value) } : opened;
      },
    },
  };
};
