package dev.lifeboat.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.config.Cron;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule does, as the configuration wants it or as Temporal has it.
 *
 * @param cron    null where Temporal's is none that five fields can say
 * @param limit   for the start itself, so that a worker which comes back late starts nothing from days ago
 * @param start   what is started
 * @param foreign what Lifeboat never sets, in words; empty as the configuration wants it
 */
record ScheduleForm(
        @Nullable Cron cron, Duration jitter, Duration catchUp, Duration limit, JsonNode start, List<String> foreign) {

    /** How this has to change to become the other one; empty when it is so already. */
    List<String> changesTo(ScheduleForm wanted) {
        List<String> changes = new ArrayList<>();
        add(changes, "cron", cron, wanted.cron);
        add(changes, "jitter", jitter, wanted.jitter);
        add(changes, "catch-up", catchUp, wanted.catchUp);
        if (catchUp.equals(wanted.catchUp)) {
            add(changes, "time limit of a start", limit, wanted.limit);
        }
        addNodes(changes, "", start, wanted.start);
        foreign.forEach(what -> changes.add(what + " -> none"));
        return changes;
    }

    private static void add(List<String> changes, String what, @Nullable Object now, @Nullable Object wanted) {
        if (!String.valueOf(now).equals(String.valueOf(wanted))) {
            changes.add(what + " " + word(now) + " -> " + word(wanted));
        }
    }

    private static String word(@Nullable Object value) {
        if (value instanceof Duration duration) {
            return Words.of(duration);
        }
        return value == null ? "none" : value.toString();
    }

    private static void addNodes(List<String> changes, String path, JsonNode now, JsonNode wanted) {
        if (now.equals(wanted)) {
            return;
        }
        if (!now.isObject() || !wanted.isObject()) {
            changes.add((path.isEmpty() ? "what is started" : path) + " " + word(now) + " -> " + word(wanted));
            return;
        }
        Set<String> names = new TreeSet<>();
        addAll(names, now.fieldNames());
        addAll(names, wanted.fieldNames());
        for (String name : names) {
            addNodes(changes, path.isEmpty() ? name : path + "." + name, now.path(name), wanted.path(name));
        }
    }

    private static String word(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? "none" : node.isValueNode() ? node.asText() : node.toString();
    }

    private static void addAll(Set<String> names, Iterator<String> more) {
        more.forEachRemaining(names::add);
    }
}
