import { expect, test } from "vitest";
import { versionMismatches, versionText } from "./versions.ts";

const [older, newer] = ["0.0.0+aaaaaaaaaaaa", "0.0.0+bbbbbbbbbbbb"];
const hostFix = "the host is of another build than this program: gatehouse down, then gatehouse up";
const imageFix =
  "the agents' image is of another build than this program: gatehouse image build --runtime podman";

test.for([
  { program: newer, host: newer, image: newer, told: [] },
  { program: newer, host: null, image: null, told: [] },
  { program: newer, host: older, image: newer, told: [hostFix] },
  { program: newer, host: newer, image: older, told: [imageFix] },
  { program: newer, host: older, image: older, told: [hostFix, imageFix] },
  { program: older, host: newer, image: null, told: [hostFix] },
])(
  "tells of a program $program, a host $host and an image $image: $told.length fixes",
  ({ told, ...versions }) => expect(versionMismatches(versions, "podman")).toEqual(told),
);

test("versionText names each build that is there", () => {
  expect(versionText({ program: newer, host: older, image: older })).toBe(
    `program ${newer}, host ${older}, agents' image ${older}`,
  );
  expect(versionText({ program: newer, host: null, image: null })).toBe(`program ${newer}`);
});
