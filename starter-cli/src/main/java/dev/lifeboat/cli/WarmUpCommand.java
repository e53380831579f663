package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.NewestReports;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Loads the classes that most commands need, for the launcher's archive of them. Every call to Temporal may fail. */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

    private static final Duration SHORT = Duration.ofMillis(500);

    private final Tool tool;

    WarmUpCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() throws IOException {
        // A server that knows no method answers all the same, which takes a call through everything it passes.
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build()
                .start();
        LifeboatConfig.Temporal address =
                new LifeboatConfig.Temporal("127.0.0.1:" + server.getPort(), "default", null, null, true);
        try (Gateway gateway = Connection.open(address, Map.of())) {
            Inquiries inquiries = new Inquiries(gateway, SHORT);
            attempt(() -> gateway.head(new RunRef("none/none", null)));
            attempt(() -> inquiries.askQuickly(new NewestReports(List.of("none")), SHORT));
            attempt(() -> gateway.result("none", "none", Answer.class, SHORT));
            for (Class<?> type : List.of(RunReport.class, RunStatus.class, Answer.class)) {
                attempt(() -> gateway.read("{}", type));
            }
            attempt(() -> tool.catalog().all());
            attempt(tool::config);
            attempt(() -> new LastRuns(tool).byRunbook());
            attempt(() -> NextRuns.look(tool));
            attempt(() -> new Table().row("a", "b").lines());
            Tool.toJson(Instant.EPOCH);
        } finally {
            server.shutdownNow();
        }
        return ExitCode.DONE.number();
    }

    private static void attempt(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            // What was needed up to here is loaded, which is all that this is for.
        }
    }
}
