import unhomoglyph from "unhomoglyph";

/** Names that begin the host's own lines, or speak for the program or its operator. */
const reserved = ["host", "error", "you", "system", "gatehouse", "operator"];

/** Small capitals, which Unicode calls no look-alikes of letters, in the order of the alphabet without q and x. */
const smallCapitals = [..."ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"];
const theirLetters = "abcdefghijklmnoprstuvwyz";

/**
 * The skeletons of a name: two names with a common one look alike, as `Home`, `home`, Cyrillic `Нome` and `H0me` do.
 * The look-alikes of letters are those of Unicode (UTS 39). Those of a capital differ from those of its small letter.
 */
const skeletonsOf = (name: string): readonly string[] => {
  const seen = name.normalize("NFKD").replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, "");
  return [seen, seen.toLowerCase()].map((text) =>
    unhomoglyph(unhomoglyph(text).toLowerCase())
      .toLowerCase()
      .replace(/./gu, (letter) => theirLetters[smallCapitals.indexOf(letter)] ?? letter)
      .replaceAll("m", "rn")
      .replaceAll("0", "o")
      .replace(/[1|]/g, "l")
      .replace(/[^\p{L}\p{N}:]/gu, ""),
  );
};

const isLike = (name: string, other: string): boolean => {
  const others = skeletonsOf(other);
  return skeletonsOf(name).some((skeleton) => skeleton !== "" && others.includes(skeleton));
};

/** The reserved name that a name is, looks like, or begins with before a colon; null for another name. */
export const reservedIn = (name: string): string | null => {
  const skeletons = skeletonsOf(name).flatMap((skeleton) => [skeleton, skeleton.split(":")[0] ?? ""]);
  return reserved.find((each) => skeletonsOf(each).some((skeleton) => skeletons.includes(skeleton))) ?? null;
};

/** A warning for each other name that looks like this one. */
export const likeWarnings = (name: string, others: readonly string[]): readonly string[] =>
  others
    .filter((other) => isLike(name, other))
    .map((other) =>
      other === name
        ? `Another group has the name ${JSON.stringify(name)} too.`
        : `The name ${JSON.stringify(name)} looks like ${JSON.stringify(other)}, the name of another group.`,
    );
