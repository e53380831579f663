package dev.lifeboat.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A run as people name it: {@code <runbook>/<target>}, with {@code @<run id>} for an older one.
 *
 * @param name  the workflow id
 * @param runId null for the newest
 */
record RunRef(String name, @Nullable String runId) {

    private static final Pattern TEXT = Pattern.compile(
            "([a-z][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9_.-]*(?:/(?:drill|into-[0-9]+))?)(?:@([0-9A-Za-z-]+))?");

    static RunRef parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw CliFailure.usage(
                    "'" + text + "' is not the name of a run",
                    "a run is named <runbook>/<target>, for example pitr-recovery/main; 'lifeboat status' lists the open"
                            + " ones");
        }
        return new RunRef(matcher.group(1), matcher.group(2));
    }

    String runbook() {
        return name.substring(0, name.indexOf('/'));
    }

    @Override
    public String toString() {
        return runId == null ? name : name + "@" + runId;
    }
}
