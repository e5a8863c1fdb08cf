import { join } from "node:path";
import { checkField } from "@nc/container-config";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** The settings for all groups in nanoclaw's `.env`. Other values of that file are not used: it has secrets. */
export type InstallSettings = {
  /** The defaults for groups without an own value. */
  readonly defaults: { readonly timezone?: string };
  readonly sentences: readonly string[];
};

/** Reads the settings for all groups of a nanoclaw folder. */
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

/** nanoclaw copies this provider into each new group, so existing groups do not depend on it. */
const providerSentence = (provider: string): string => {
  const checked = checkField("provider", provider);
  const name = checked.ok ? String(checked.value) : "PROVIDER";
  return `DEFAULT_AGENT_PROVIDER of .env was for new groups; here each is told its own: ncl groups config update ID --provider ${name}.`;
};

/** The value of a variable: of the last line with that name, without quotes; null if it is missing or empty. */
const valueIn = (text: string, name: string): string | null => {
  const lines = text.split("\n").map((line) => line.trim());
  const line = lines.findLast((one) => one.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1).replace(/^(["'])(.*)\1$/, "$2") ?? "";
  return value === "" ? null : value;
};

const unread = ".env cannot be read: its TZ and DEFAULT_AGENT_PROVIDER are not known.";

/** The text of a file; empty without a file, null if it cannot be read. */
const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file);
  } catch (error) {
    return systemCode(error) === "ENOENT" ? "" : null;
  }
};
