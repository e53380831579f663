package dev.lifeboat.lab.engine;

import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The real Temporal server as a child process, with a database file and the web interface. It can be killed and started
 * again on the same ports and file; it is ended with this process at the latest.
 */
public final class RealTemporal implements TemporalEngine {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int STARTS = 3;

    private static final List<String> SEARCH_ATTRIBUTES = List.of(
            "LifeboatRunbook",
            "LifeboatTarget",
            "LifeboatMode",
            "LifeboatStep",
            "LifeboatWaitingFor",
            "LifeboatVerdict");

    private final Path program;
    private final Path folder;
    private final int port = Ports.free();
    private final int uiPort = Ports.free();
    private final Thread lastWill = new Thread(this::kill, "temporal-end");
    private @Nullable Process process;

    private RealTemporal(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    /** Whether {@code engines/install.sh temporal} was run on this machine. */
    public static boolean isInstalled() {
        return EnginePrograms.ifInstalled("temporal").isPresent();
    }

    /** @throws IllegalStateException when the program is not installed */
    public static RealTemporal startIn(Path folder) {
        Path program = EnginePrograms.find("temporal");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RealTemporal engine = new RealTemporal(program, folder);
        Runtime.getRuntime().addShutdownHook(engine.lastWill);
        engine.start();
        return engine;
    }

    /** Starts it again after {@link #kill}, with the same runs; nothing happens when it runs. */
    public synchronized void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(command());
        builder.directory(folder.toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        for (int left = STARTS - 1; ; left--) {
            try {
                process = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (awaitReady(process)) {
                return;
            }
            // It chooses ports for its own parts a moment before it binds them, where others open connections.
            if (left == 0) {
                throw new IllegalStateException("the Temporal server does not start; its log is " + log());
            }
        }
    }

    /** {@code kill -9}; what it had acknowledged is in its file. */
    public synchronized void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
            process = null;
        }
    }

    @Override
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public Optional<String> uiAddress() {
        return Optional.of("http://127.0.0.1:" + uiPort);
    }

    @Override
    public boolean isReal() {
        return true;
    }

    @Override
    public String description() {
        return "the real Temporal server, with a database file";
    }

    public Path log() {
        return folder.resolve("temporal.log");
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(lastWill);
        } catch (IllegalStateException e) {
            // The hooks are running already, and this one has nothing left to do.
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "server",
                "start-dev",
                "--ip",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--ui-port",
                Integer.toString(uiPort),
                "--db-filename",
                folder.resolve("temporal.db").toString(),
                "--log-level",
                "error"));
        SEARCH_ATTRIBUTES.forEach(name -> command.addAll(List.of("--search-attribute", name + "=Keyword")));
        return command;
    }

    /** False when it has ended by itself. */
    private boolean awaitReady(Process started) {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(address()).build());
        long end = System.nanoTime() + LIMIT.toNanos();
        try {
            while (!answers(stubs)) {
                if (!started.isAlive()) {
                    return false;
                }
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the Temporal server does not answer; its log is " + log());
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the Temporal server started", e);
        } finally {
            stubs.shutdownNow();
        }
    }

    private static boolean answers(WorkflowServiceStubs stubs) {
        try {
            stubs.blockingStub()
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .describeNamespace(DescribeNamespaceRequest.newBuilder()
                            .setNamespace("default")
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }
}
