import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/**
 * The difference between two texts, as `diff -u` writes it and `patch` reads it. Empty if nothing changed.
 */
export const unifiedDiff = (before: string, after: string, name: string): string =>
  before === after
    ? ""
    : createTwoFilesPatch(name, name, before, after, undefined, undefined, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });
