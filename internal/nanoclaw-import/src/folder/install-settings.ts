import { join } from "node:path";
import { checkField } from "@nc/container-config";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** What nanoclaw's `.env` says for all groups. Nothing else of that file is looked at: it holds secrets. */
export type InstallSettings = {
  /** For groups that have none of their own. */
  readonly defaults: { readonly timezone?: string };
  readonly sentences: readonly string[];
};

/** Reads the settings that hold for all groups of a nanoclaw folder. */
export const readInstallSettings = async (folder: string): Promise<InstallSettings> => {
  const text = await textOf(join(folder, ".env"));
  if (text === null) return { defaults: {}, sentences: [unread] };
  const [zone, provider] = [valueIn(text, "TZ"), valueIn(text, "DEFAULT_AGENT_PROVIDER")];
  const checked = zone === null ? null : checkField("timezone", zone);
  return {
    defaults: checked?.ok && checked.value !== null ? { timezone: checked.value } : {},
    sentences: [
      ...(checked === null ? [] : [zoneSentence(checked.ok ? checked.value : null)]),
      ...(provider === null ? [] : [providerSentence(provider)]),
    ],
  };
};

const zoneSentence = (zone: string | null): string =>
  zone === null
    ? "TZ of .env was not taken: it is no timezone."
    : `TZ of .env is the timezone of each group that had none of its own: ${zone}.`;

/** nanoclaw writes it into each new group, so the groups that there are do not change. */
const providerSentence = (provider: string): string => {
  const checked = checkField("provider", provider);
  const name = checked.ok ? String(checked.value) : "PROVIDER";
  return `DEFAULT_AGENT_PROVIDER of .env was for new groups; here each is told its own: ncl groups config update ID --provider ${name}.`;
};

/** The last line of that name counts; quotes around a value are none of it. */
const valueIn = (text: string, name: string): string | null => {
  const lines = text.split("\n").map((line) => line.trim());
  const line = lines.findLast((one) => one.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1).replace(/^(["'])(.*)\1$/, "$2") ?? "";
  return value === "" ? null : value;
};

const unread = ".env cannot be read: its TZ and DEFAULT_AGENT_PROVIDER are not known.";

/** Empty without a file; null for one that cannot be read. */
const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file);
  } catch (error) {
    return systemCode(error) === "ENOENT" ? "" : null;
  }
};
