import { describe, expect, test } from "vitest";
import { nameOf, parentOf, showsFolder } from "./shown-folder.ts";

const folder = { path: "/home/ana/my shop/web", home: "/home/ana" };

const shown = [
  { what: "the path", drawn: "/home/ana/my shop/web" },
  { what: "below HOME", drawn: "~/my shop/web" },
  { what: "wrapped within a part", drawn: "/home/ana/my sh\rop/web" },
  { what: "wrapped before a slash", drawn: "/home/ana/my shop\n/web" },
  { what: "wrapped at a space", drawn: "/home/ana/my\nshop/web" },
  { what: "cut in the middle", drawn: "/home/…/web" },
  { what: "cut in front", drawn: "…/my shop/web" },
  { what: "cut below HOME, with three dots", drawn: "~/.../web" },
];

const notShown = [
  { what: "another folder", drawn: "/etc" },
  { what: "the folder above", drawn: "/home/ana/my shop" },
  { what: "a folder below", drawn: "/home/ana/my shop/web/api" },
  { what: "a neighbour with the same beginning", drawn: "/home/ana/my shop/web2" },
  { what: "the same in capitals", drawn: "/home/ana/My Shop/web" },
  { what: "without its space", drawn: "/home/ana/myshop/web" },
  { what: "more words behind it", drawn: "/home/ana/my shop/web and all below it" },
  { what: "HOME alone", drawn: "~" },
  { what: "another user's HOME", drawn: "~root/my shop/web" },
  { what: "cut at its end, so the last part is unknown", drawn: "/home/ana/my shop/w…" },
  { what: "cut, with another last part", drawn: "/home/…/web2" },
  { what: "cut, with another beginning", drawn: "/etc/…/web" },
  { what: "an ellipsis with nothing missing", drawn: "/home/ana/…my shop/web" },
  { what: "only an ellipsis", drawn: "…" },
];

describe("showsFolder", () => {
  test.each(shown)("accepts $what: $drawn", ({ drawn }) => expect(showsFolder(drawn, folder)).toBe(true));
  test.each(notShown)("refuses $what: $drawn", ({ drawn }) => expect(showsFolder(drawn, folder)).toBe(false));

  test.each([
    { path: "/", home: "/root", drawn: "/" },
    { path: "/home/ana", home: "/home/ana", drawn: "~" },
    { path: "/srv/…/x", drawn: "/srv/…/x" },
  ])("knows $path as $drawn", ({ drawn, ...one }) => expect(showsFolder(drawn, one)).toBe(true));

  test("refuses ~ if HOME is the root or unknown", () => {
    expect(showsFolder("~/w", { path: "/w", home: "/" })).toBe(false);
    expect(showsFolder("~/w", { path: "/home/ana/w" })).toBe(false);
  });

  const ofWindows = { path: "C:\\Users\\ana\\shop\\web", home: "C:\\Users\\ana" };
  test.each([
    { drawn: "C:\\Users\\ana\\shop\\web", is: true },
    { drawn: "~\\shop\\web", is: true },
    { drawn: "C:\\…\\web", is: true },
    { drawn: "C:\\…\\web2", is: false },
    { drawn: "C:\\…eb", is: false },
    { drawn: "C:\\Users\\ana\\shop", is: false },
    { drawn: "D:\\Users\\ana\\shop\\web", is: false },
  ])("of Windows: $drawn is $is", ({ drawn, is }) => expect(showsFolder(drawn, ofWindows)).toBe(is));

  test("treats a backslash as a letter in a Unix path", () =>
    expect(showsFolder("…\\web", { path: "/srv/a\\web" })).toBe(false));
});

describe("nameOf and parentOf", () => {
  test.each([
    { path: "/srv/shop/web", name: "web", parent: "shop" },
    { path: "/srv/shop/a\\b", name: "a\\b", parent: "shop" },
    { path: "C:\\shop\\web", name: "web", parent: "shop" },
    { path: "\\\\nas\\shop\\web", name: "web", parent: "shop" },
  ])("of $path are $name and $parent", ({ path, name, parent }) => {
    expect([nameOf(path), parentOf({ path })]).toEqual([name, parent]);
  });
});
