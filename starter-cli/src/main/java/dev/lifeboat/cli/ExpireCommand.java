package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.ExpiryOf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "expire", description = "What retention would delete, with the reason for each; with --yes deletes it.")
final class ExpireCommand implements Callable<Integer> {

    private final Tool tool;

    @Option(names = "--dry-run", description = "Only shows it; the default.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Deletes it.")
    private boolean yes;

    @Option(names = "--cluster", paramLabel = "NAME", description = "Of this cluster alone; else of all.")
    private @Nullable String cluster;

    ExpireCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        if (dryRun && yes) {
            throw CliFailure.usage("--dry-run and --yes exclude each other", "leave one of them out");
        }
        Collection<String> clusters = cluster == null
                ? tool.config().postgres().keySet()
                : List.of(tool.cluster(cluster).name());
        List<Expiry> all = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String name : clusters) {
            ExpiryOf question = new ExpiryOf(name, yes);
            Expiry expiry = (yes
                            ? tool.inquiries().askAlone(question, "expire/" + name)
                            : tool.inquiries().ask(question))
                    .expiry();
            if (expiry != null) {
                all.add(expiry);
                lines.addAll(lines(expiry));
            }
        }
        if (!yes
                && all.stream()
                        .anyMatch(
                                each -> each.blocked().isEmpty() && !each.gone().isEmpty())) {
            lines.add("delete it with 'lifeboat expire --yes'");
        }
        tool.print(document(all), lines);
        List<Expiry> blocked =
                all.stream().filter(each -> !each.blocked().isEmpty()).toList();
        if (blocked.isEmpty()) {
            return ExitCode.DONE.number();
        }
        Expiry first = blocked.get(0);
        tool.complainInWords(new CliFailure(
                ExitCode.NOT_READY,
                ExitCode.NOT_READY.name(),
                "nothing may be deleted of %s now: %s"
                        .formatted(first.cluster(), first.blocked().get(0)),
                "nothing has to be done for safety's sake; when that is over, 'lifeboat expire' shows what would go"));
        return ExitCode.NOT_READY.number();
    }

    private Map<String, Object> document(List<Expiry> all) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("applied", yes);
        document.put("clusters", all);
        return document;
    }

    private static List<String> lines(Expiry expiry) {
        List<String> lines = new ArrayList<>();
        expiry.blocked()
                .forEach(why -> lines.add("%s  nothing %s deleted: %s"
                        .formatted(expiry.cluster(), expiry.applied() ? "more was" : "would be", why)));
        String goes = expiry.applied() ? "deleted" : "would delete";
        expiry.gone().forEach(item -> lines.add(line(expiry, goes, item)));
        expiry.refused().forEach(item -> lines.add(line(expiry, "not deleted", item)));
        expiry.kept().forEach(item -> lines.add(line(expiry, "keeps", item)));
        if (expiry.gone().isEmpty() && expiry.blocked().isEmpty()) {
            lines.add(expiry.cluster() + "  nothing is old enough to go");
        }
        expiry.notes().forEach(note -> lines.add(expiry.cluster() + "  " + note));
        if (expiry.evidence() != null) {
            lines.add("%s  the whole list is kept in %s".formatted(expiry.cluster(), expiry.evidence()));
        }
        return lines;
    }

    private static String line(Expiry expiry, String verb, Item item) {
        String size = item.bytes() == 0 ? "" : " (%s)".formatted(Words.bytes(item.bytes()));
        return "%s  %s  %s %s%s: %s".formatted(expiry.cluster(), verb, item.kind(), item.id(), size, item.why());
    }
}
