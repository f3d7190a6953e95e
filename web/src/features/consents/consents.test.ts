import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { freshWindow } from "@/ui/window";

import { mounted } from "../cameras/mounting";
import { agreedOf, consentOf, freshConsent, standing, wanted } from "./consents";
import ConsentsPage from "./ConsentsPage.vue";
import type { Consent, Owner } from "./data";

const ZONE = "Asia/Shanghai";
const AT = "2026-01-01T00:00:00Z";

const hub = vi.hoisted(() => ({ record: vi.fn(), end: vi.fn(), reload: vi.fn(), owners: [] as Owner[], consents: [] as Consent[], fails: false }));
vi.mock("./data", () => ({
  ...hub,
  useOwners: () => ({ data: ref(hub.fails ? undefined : hub.owners), isError: ref(hub.fails), error: ref(null) }),
  useConsents: () => ({ data: ref(hub.consents), isError: ref(false), error: ref(null) }),
  useCamerasOf: () => ref([{ id: "gate-1", name: "Gate", owner: "School" }]),
}));

function aConsent(id: string, more: Partial<Consent> = {}): Consent {
  const terms = { owner: "School", camera: null, mode: "always" as const, windows: [], roles: [] };
  return { id, ...terms, agreed_by: "Head Zhou", document: "No. 7", starts_at: AT, entered_by: "Li", entered_at: AT, ended_at: null, ended_by: null, in_force: true, ...more };
}

function anOwner(owner: string, more: Partial<Owner> = {}): Owner {
  return { owner, owner_kind: "school", cameras: 4, asked: true, consent: null, own: [], ...more };
}

const weekdays = { starts_at: null, ends_at: null, weekdays: [1, 2, 3, 4, 5], from_minute: 480, to_minute: 1080 };
const OWNERS = [
  anOwner("School", { consent: aConsent("a", { mode: "schedule", windows: [weekdays], roles: ["operator"] }) }),
  anOwner("Mill", { owner_kind: "enterprise", own: [aConsent("b", { owner: "Mill", camera: "gate-1", mode: "incident" })] }),
  anOwner("Town", { owner_kind: "township", asked: false }),
];

describe("an owner", () => {
  it("has agreed, has not, or need not be asked", () => {
    expect(OWNERS.map(agreedOf)).toEqual(["schedule", "none", "free"]);
  });

  it("is found by name and by what is agreed, of one camera too", () => {
    const names = (text: string, agreed: Parameters<typeof wanted>[1]["agreed"] = null) => wanted(OWNERS, { text, agreed }).map(({ owner }) => owner);
    expect(names("MI")).toEqual(["Mill"]);
    expect(names("", "incident")).toEqual(["Mill"]);
    expect(names("", "free")).toEqual(["Town"]);
    expect(names("school", "none")).toEqual([]);
  });
});

describe("a consent", () => {
  const draft = { ...freshConsent(), agreedBy: "Head Zhou", document: "No. 7" };

  it("is written with who agreed and where that is written, and times only where it has some", () => {
    expect(consentOf(freshConsent(), "School", ZONE)).toBeNull();
    expect(consentOf(draft, "School", ZONE)).toMatchObject({ owner: "School", camera: null, mode: "schedule", windows: [weekdays], starts_at: null });
    expect(consentOf({ ...draft, mode: "always" }, "School", ZONE)?.windows).toEqual([]);
    expect(consentOf({ ...draft, windows: [{ ...freshWindow(), days: [] }] }, "School", ZONE)).toBeNull();
    expect(consentOf({ ...draft, windows: [] }, "School", ZONE)).toBeNull();
    expect(consentOf({ ...draft, from: "2026-02-01", camera: " gate-1 " }, "School", ZONE)).toMatchObject({ starts_at: "2026-01-31T16:00:00.000Z", camera: "gate-1" });
  });

  it("counts, will count, or is over, also where it never began", () => {
    const now = Date.parse("2026-06-01T00:00:00Z");
    const later = "2026-07-01T00:00:00Z";
    expect(standing(aConsent("a"), now)).toBe("now");
    expect(standing(aConsent("a", { starts_at: later }), now)).toBe("coming");
    expect(standing(aConsent("a", { ended_at: "2026-05-01T00:00:00Z" }), now)).toBe("over");
    expect(standing(aConsent("a", { ended_at: later }), now)).toBe("now");
    expect(standing(aConsent("a", { starts_at: later, ended_at: later }), now)).toBe("over");
  });
});

describe("the page of consents", () => {
  let view: VueWrapper;
  const at = (name: string) => view.find(`[data-test="${name}"]`);
  async function open(...actions: string[]): Promise<void> {
    view = mounted(ConsentsPage, {}, someone("Li", "camera_admin", actions));
    await flushPromises();
  }

  beforeEach(() => {
    hub.owners.push(...OWNERS);
    hub.consents.push(aConsent("a", { mode: "schedule", windows: [weekdays] }), aConsent("old", { ended_at: "2026-02-01T00:00:00Z", ended_by: "Li" }));
    hub.record.mockReset().mockResolvedValue({ kind: "ok", value: aConsent("new") });
    hub.end.mockReset().mockResolvedValue({ kind: "ok", value: aConsent("a") });
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
  });
  afterEach(() => {
    view.unmount();
    hub.owners.length = hub.consents.length = 0;
    hub.fails = false;
    session.me = null;
    vi.restoreAllMocks();
  });

  it("says of each owner what is agreed, in words", async () => {
    await open("consents.read");
    expect(at("owner-School").text()).toContain("at certain times: Mon–Fri 8:00–18:00 (only for: Operator)");
    expect(at("owner-Mill").text()).toContain("nothing on file: only while a matter is open");
    expect(at("owner-Mill").text()).toContain("and 1 of single cameras");
    expect(at("owner-Town").text()).toContain("need not be asked");
    await at("owner-agreed").setValue("none");
    expect([at("owner-Mill").exists(), at("owner-School").exists()]).toEqual([true, false]);
  });

  it("records nothing for who only reads", async () => {
    await open("consents.read");
    expect(at("owner-record-School").exists()).toBe(false);
    await at("owner-open-School").trigger("click");
    expect([at("consent-new").exists(), at("consent-end-a").exists(), at("consents-over").text().includes("ended by Li")]).toEqual([false, false, true]);
  });

  it("records a consent for one camera, once it says who agreed", async () => {
    await open("consents.read", "consents.write");
    await at("owner-record-School").trigger("click");
    await at("consent-form").trigger("submit");
    expect(hub.record).not.toHaveBeenCalled();
    await at("consent-camera").setValue("gate-1");
    await at("consent-mode-incident").setValue(true);
    await at("consent-by").setValue("Head Zhou");
    await at("consent-document").setValue("No. 7");
    expect(at("consent-means").text()).toBe("only while a matter is open");
    await at("consent-form").trigger("submit");
    expect(hub.record.mock.calls[0]?.[0]).toMatchObject({ owner: "School", camera: "gate-1", mode: "incident", windows: [], agreed_by: "Head Zhou" });
  });

  it("ends one after a question", async () => {
    await open("consents.read", "consents.write");
    await at("owner-open-School").trigger("click");
    await at("consent-end-a").trigger("click");
    expect(hub.end).not.toHaveBeenCalled();
    await at("confirm-yes").trigger("click");
    expect(hub.end).toHaveBeenCalledWith("a");
  });

  it("says what went wrong, and what is not there", async () => {
    hub.fails = true;
    await open("consents.read");
    expect(at("error").exists()).toBe(true);
    view.unmount();
    hub.fails = false;
    hub.owners.length = 0;
    await open("consents.read");
    expect(at("empty").exists()).toBe(true);
  });
});
