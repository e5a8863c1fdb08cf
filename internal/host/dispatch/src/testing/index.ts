export {
  type Bed,
  frameOf,
  hostBed,
  member,
  mute,
  operator,
  person,
  steward,
  stranger,
} from "../host.fixture.ts";
