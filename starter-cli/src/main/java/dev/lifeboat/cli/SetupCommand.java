package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.SetupOf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "setup", description = "Shows, and with --apply makes, the settings for WAL archiving.")
final class SetupCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(index = "0", paramLabel = "postgres")
    private String what = "";

    @Parameters(index = "1", paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--apply", description = "Makes the settings; without it they are only shown.")
    private boolean apply;

    SetupCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        if (!what.equals("postgres")) {
            throw CliFailure.usage(
                    "there is nothing named '" + what + "' to set up", "'lifeboat setup postgres CLUSTER [--apply]'");
        }
        String name = tool.cluster(cluster).name();
        Setup setup = tool.inquiries().ask(new SetupOf(name, apply)).setup();
        if (setup == null) {
            setup = new Setup(false, false, List.of());
        }
        List<String> lines = new ArrayList<>(setup.lines());
        if (setup.restartNeeded() && lines.stream().noneMatch(line -> line.contains("restart"))) {
            lines.add("a restart of PostgreSQL is needed before " + name + " archives its WAL");
        }
        tool.print(setup, lines);
        return ExitCode.DONE.number();
    }
}
