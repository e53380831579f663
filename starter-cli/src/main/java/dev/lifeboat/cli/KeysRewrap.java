package dev.lifeboat.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapOrder;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapPart;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.RewrapOf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Has the workers rewrap what is in the bucket, part by part; ended anywhere and started again it goes on. */
final class KeysRewrap {

    private final Tool tool;
    private final @Nullable String added;
    private final boolean apply;
    private final String again;

    /**
     * @param added base64 of a public key that gets access as well; null for the configured recipients and no others
     * @param again the command that does it
     */
    KeysRewrap(Tool tool, @Nullable String added, boolean apply, String again) {
        this.tool = tool;
        this.added = added;
        this.apply = apply;
        this.again = again;
    }

    /** @param failures objects that stay as they are */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Done(int objects, int changed, List<String> recipients, boolean keepsIdentity, List<String> failures) {}

    int run() {
        Map<String, Done> clusters = new LinkedHashMap<>();
        for (String cluster : tool.config().postgres().keySet()) {
            clusters.put(cluster, rewrap(cluster));
        }
        List<String> lines = new ArrayList<>();
        clusters.forEach((cluster, done) -> lines.addAll(lines(cluster, done)));
        boolean todo = clusters.values().stream().anyMatch(done -> done.changed() > 0);
        if (!apply && todo) {
            lines.add("do it with '" + again + " --yes'");
        }
        tool.print(Map.of("applied", apply, "clusters", clusters), lines);
        boolean failed =
                clusters.values().stream().anyMatch(done -> !done.failures().isEmpty());
        if (failed) {
            tool.complainInWords(new CliFailure(
                    ExitCode.FAILED,
                    ExitCode.FAILED.name(),
                    "some objects are still encrypted for whom they were before; the first: "
                            + clusters.values().stream()
                                    .flatMap(done -> done.failures().stream())
                                    .findFirst()
                                    .orElse(""),
                    "mend what is named and run '" + again + " --yes' again: it goes on with those that are left"));
        }
        return (failed ? ExitCode.FAILED : ExitCode.DONE).number();
    }

    private Done rewrap(String cluster) {
        int objects = 0;
        int changed = 0;
        List<String> failures = new ArrayList<>();
        String after = null;
        RewrapPart part;
        do {
            part = Objects.requireNonNull(tool.inquiries()
                    .ask(new RewrapOf(new RewrapOrder(cluster, added, apply, after)))
                    .rewrap());
            objects += part.seen();
            changed += part.changed();
            failures.addAll(part.failures());
            after = part.next();
            if (after != null) {
                tool.say("%s: %s looked at, %d %s"
                        .formatted(
                                cluster, Words.plural(objects, "object"), changed, apply ? "rewrapped" : "to rewrap"));
            }
        } while (after != null);
        return new Done(objects, changed, part.recipients(), part.keepsIdentity(), List.copyOf(failures));
    }

    private List<String> lines(String cluster, Done done) {
        List<String> lines = new ArrayList<>();
        lines.add("%s: %s the headers of %d of %d encrypted objects, for %s%s"
                .formatted(
                        cluster,
                        apply ? "wrote" : "would write",
                        done.changed(),
                        done.objects(),
                        String.join(", ", done.recipients()),
                        added == null ? " and nobody else" : " as well"));
        if (!done.keepsIdentity()) {
            lines.add(cluster
                    + ": the identity of its worker is none of them; it must be changed before the next recovery");
        }
        done.failures().forEach(failure -> lines.add(cluster + ": left as it is: " + failure));
        return lines;
    }
}
