import { readSmallFile } from "./files/read-small-file.ts";

/**
 * The homes in /etc/passwd of root and of people: uids from 1000 (login.defs(5)) except the account nobody.
 * Other accounts are services, whose home is often the data that they serve. Returns an empty list without
 * the file. The homes of macOS and of directory services are in /Users and /home, which the check of a mount
 * knows.
 */
export const homesOfAccounts = async (file = "/etc/passwd"): Promise<readonly string[]> => {
  const read = await readSmallFile(file);
  if (!read.ok || read.value === null) return [];
  return read.value.text.split("\n").flatMap((line) => {
    const [, , uid = "", , , home = ""] = line.split(":");
    return isPersons(Number.parseInt(uid, 10)) && home.startsWith("/") && home !== "/" ? [home] : [];
  });
};

/** 65534 is the account nobody. */
const isPersons = (uid: number): boolean => uid === 0 || (uid >= 1_000 && uid < 65_534);
