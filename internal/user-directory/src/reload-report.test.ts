import { expect, test } from "vitest";
import { renderReport } from "./reload-report.ts";
import { usersBed } from "./users.fixture.ts";

test.each([
  { what: "that is not there", text: null, says: "is not there: 0 users, nothing changed." },
  { what: "that is empty", text: "", says: "is empty: 0 users, nothing changed." },
  { what: "of nobody", text: "users: []\n", says: "was read: 0 users, nothing changed." },
])("a host that knows nobody says of a users.yaml $what what it is", async ({ text, says }) => {
  const bed = await usersBed();
  if (text !== null) bed.write(text);
  expect(renderReport(await bed.users.reload())).toBe(`${bed.usersFile} ${says}`);
});
