import { expect, test } from "vitest";
import { folderNameOf, idText, isSamePerson, userIdsOf } from "./user-ids.ts";

test.each([
  { user: { telegram_id: 7, slack: null }, ids: ["telegram:7"], text: "telegram_id 7", folder: "7" },
  { user: { telegram_id: 7 }, ids: ["telegram:7"], text: "telegram_id 7", folder: "7" },
  { user: { slack: "T1:U2" }, ids: ["slack:T1:U2"], text: "slack T1:U2", folder: "slack-T1-U2" },
  {
    user: { telegram_id: 7, slack: "T1:U2" },
    ids: ["telegram:7", "slack:T1:U2"],
    text: "telegram_id 7",
    folder: "7",
  },
  {
    user: { slack: "T1:U2", discord: "80351110224678912" },
    ids: ["slack:T1:U2", "discord:80351110224678912"],
    text: "slack T1:U2",
    folder: "slack-T1-U2",
  },
  { user: {}, ids: [], text: "", folder: "" },
])("$user has the ids $ids", ({ user, ids, text, folder }) => {
  expect(userIdsOf(user)).toEqual(ids);
  expect(idText(user)).toBe(text);
  expect(folderNameOf(user)).toBe(folder);
});

test.each([
  { a: { telegram_id: 7 }, b: { telegram_id: 7, slack: "T1:U2" }, is: true },
  { a: { telegram_id: 8, slack: "T1:U2" }, b: { telegram_id: 7, slack: "T1:U2" }, is: true },
  { a: { telegram_id: 7 }, b: { slack: "T1:U7" }, is: false },
  { a: { slack: "T1:U2" }, b: { slack: "T2:U2" }, is: false },
  { a: { telegram_id: null, slack: null }, b: { telegram_id: null, slack: null }, is: false },
])("$a and $b are one person: $is", ({ a, b, is }) => {
  expect(isSamePerson(a, b)).toBe(is);
  expect(isSamePerson(b, a)).toBe(is);
});
