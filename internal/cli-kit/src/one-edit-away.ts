/** Whether one letter too many, too few, wrong or swapped with its neighbour makes one word of the other. */
export const isOneEditAway = (word: string, other: string): boolean => {
  const others = new Set(withOneLetterLess(other));
  return withOneLetterLess(word).some((shorter) => others.has(shorter));
};

/** The word itself, and the word without each of its letters. */
const withOneLetterLess = (word: string): readonly string[] => [
  word,
  ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1)),
];
