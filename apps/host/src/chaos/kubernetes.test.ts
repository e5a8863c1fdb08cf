// @module-tag soak
import { mixes } from "./load.fixture.ts";
import { hasLab, kubernetes } from "./places.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";

const ofLab = {
  "kill the API server": 1,
  "kill a kubelet": 1,
  "kill a containerd": 1,
  "kill the API server while Pods are deleted": 1,
  "cut a node off, and delete its Pods by force": 1,
};

chaosTests({
  what: "in Pods",
  on: "PostgreSQL",
  place: kubernetes,
  hosts: 2,
  groups: 2,
  people: { local: 6 },
  messages: 42,
  mix: mixes.slow(250, 8_000),
  // The hosts note each call that a killed API server does not answer.
  except: ["the logs have no errors"],
  faults: {
    "kill the first host": 1,
    "kill the second host": 1,
    "delete a Pod": 1,
    "delete all Pods by force": 1,
    ...(hasLab ? ofLab : {}),
  },
});
