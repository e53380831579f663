package dev.lifeboat.cli;

import dev.lifeboat.config.Cron;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What has to be done so that Temporal holds exactly the schedules of the configuration. */
record SyncPlan(List<Change> changes) {

    enum Kind {
        CREATE,
        CHANGE,
        REMOVE,
        KEEP,
        /** Somebody else's schedule has this id. */
        REFUSE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param what   in words, for people
     * @param wanted null for one that is removed
     * @param found  null for one that is created
     * @param paused whether it is paused afterwards
     * @param note   its note afterwards
     */
    record Change(
            String id,
            Kind kind,
            List<String> what,
            @Nullable WantedSchedule wanted,
            @Nullable FoundSchedule found,
            boolean paused,
            String note) {

        Map<String, Object> document() {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("id", id);
            document.put("change", kind.toString());
            document.put("what", what);
            document.put("paused", paused);
            return document;
        }
    }

    /**
     * @param found    every schedule of Temporal that has the id of a wanted one, or belongs to this platform
     */
    static SyncPlan of(String platform, List<WantedSchedule> wanted, Collection<FoundSchedule> found, Instant now) {
        Map<String, FoundSchedule> byId = new LinkedHashMap<>();
        found.forEach(each -> byId.put(each.id(), each));
        List<Change> changes = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (WantedSchedule each : wanted) {
            ids.add(each.id());
            FoundSchedule there = byId.get(each.id());
            changes.add(there == null ? create(each, now) : compared(platform, each, there));
        }
        byId.values().stream()
                .filter(each -> each.isOf(platform) && !ids.contains(each.id()))
                .forEach(each -> changes.add(new Change(
                        each.id(), Kind.REMOVE, List.of("not in the configuration"), null, each, false, "")));
        return new SyncPlan(List.copyOf(changes));
    }

    private static Change create(WantedSchedule wanted, Instant now) {
        String paused = wanted.schedule().paused();
        Cron cron = wanted.form().cron();
        String first = cron == null
                ? ""
                : cron.next(now).map(next -> ", first at " + Words.utc(next)).orElse("");
        return new Change(
                wanted.id(),
                Kind.CREATE,
                List.of("cron " + cron + (paused == null ? first : ", paused: " + paused)),
                wanted,
                null,
                paused != null,
                paused == null ? "" : FoundSchedule.CONFIGURED + paused);
    }

    private static Change compared(String platform, WantedSchedule wanted, FoundSchedule found) {
        if (!found.isOf(platform)) {
            String owner = found.platform() == null
                    ? "Lifeboat did not make it"
                    : "it belongs to the platform '" + found.platform() + "', and this is '" + platform + "'";
            return new Change(wanted.id(), Kind.REFUSE, List.of(owner), wanted, found, found.paused(), found.note());
        }
        List<String> what = new ArrayList<>(found.form().changesTo(wanted.form()));
        String reason = wanted.schedule().paused();
        String note = found.note();
        boolean paused = found.paused();
        if (reason != null && !found.isPausedByHand() && !(paused && note.equals(FoundSchedule.CONFIGURED + reason))) {
            what.add((paused ? "paused for another reason: " : "paused: ") + reason);
            paused = true;
            note = FoundSchedule.CONFIGURED + reason;
        } else if (reason == null && paused && !found.isPausedByHand()) {
            what.add("no longer paused");
            paused = false;
            note = "";
        }
        Kind kind = what.isEmpty() ? Kind.KEEP : Kind.CHANGE;
        if (found.isPausedByHand()) {
            what.add("stays paused by hand: " + (found.note().isBlank() ? "no reason was given" : found.note()));
        } else if (kind == Kind.KEEP) {
            what.add(paused ? "paused: " + reason : "as configured");
        }
        return new Change(wanted.id(), kind, List.copyOf(what), wanted, found, paused, note);
    }

    List<Change> of(Kind kind) {
        return changes.stream().filter(change -> change.kind() == kind).toList();
    }

    boolean changesNothing() {
        return of(Kind.KEEP).size() == changes.size();
    }

    List<String> lines() {
        Table table = new Table();
        changes.forEach(change -> table.row(change.kind().toString(), change.id(), String.join("; ", change.what())));
        return table.lines();
    }
}
