import { expect, test } from "vitest";
import { loadUsersFile } from "./load-users-file.ts";
test("a file that is not there is told as such", async () => {
  expect(await loadUsersFile("/nope")).toMatchObject({ ok: false });
});
