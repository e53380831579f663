package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PinOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pin} and {@code unpin}: a second call changes nothing and says so. */
@Command
final class PinCommand implements Callable<Integer> {

    private final Tool tool;
    private final boolean pin;

    @Parameters(paramLabel = "BACKUP", description = "Its id, as 'lifeboat backups' lists it.")
    private String backup = "";

    @Option(names = "--cluster", paramLabel = "NAME", description = "Whose backup, where several have one of this id.")
    private @Nullable String cluster;

    PinCommand(Tool tool, boolean pin) {
        this.tool = tool;
        this.pin = pin;
    }

    @Override
    public Integer call() {
        Pinned done = ask(owner(), pin);
        tool.print(done, List.of(words(done)));
        return ExitCode.DONE.number();
    }

    private static String words(Pinned done) {
        String what =
                "%s %s of %s".formatted(done.kind() == null ? "backup" : done.kind(), done.backup(), done.cluster());
        if (!done.changed()) {
            return what + (done.pinned() ? " was pinned already" : " was not pinned");
        }
        return what + (done.pinned() ? " is pinned: retention leaves it alone" : " is not pinned any more");
    }

    /** The one cluster that has it. */
    private String owner() {
        if (cluster != null) {
            return tool.cluster(cluster).name();
        }
        List<String> all = List.copyOf(tool.config().postgres().keySet());
        if (all.size() == 1) {
            return all.get(0);
        }
        List<String> owners = new ArrayList<>();
        for (String name : all) {
            if (has(name)) {
                owners.add(name);
            }
        }
        if (owners.size() > 1) {
            throw new CliFailure(
                    ExitCode.NOT_READY,
                    FailureCode.UNKNOWN_BACKUP.name(),
                    "there is a backup %s of each of %s".formatted(backup, String.join(", ", owners)),
                    "say which one is meant with --cluster " + owners.get(0));
        }
        if (owners.isEmpty()) {
            throw new CliFailure(
                    ExitCode.NOT_READY,
                    FailureCode.UNKNOWN_BACKUP.name(),
                    "there is no backup %s of any of %s".formatted(backup, String.join(", ", all)),
                    "'lifeboat backups' lists what exists");
        }
        return owners.get(0);
    }

    private boolean has(String name) {
        try {
            ask(name, null);
            return true;
        } catch (CliFailure e) {
            if (e.code().equals(FailureCode.UNKNOWN_BACKUP.name())) {
                return false;
            }
            throw e;
        }
    }

    private Pinned ask(String name, @Nullable Boolean pinned) {
        PinOrder order = new PinOrder(name, backup, pinned, tool.surroundings().person());
        return Objects.requireNonNull(tool.inquiries().ask(new PinOf(order)).pinned());
    }
}
