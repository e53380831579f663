package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.lab.engine.TemporalEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A small world of its own: PostgreSQL, an S3 store, Temporal and a worker, all on free ports of the loopback address, all
 * below one folder. Closing it, or the end of this process, ends what it started and nothing else.
 */
public final class Lab implements AutoCloseable {

    public static final String CLUSTER = "main";
    static final String BUCKET = "lifeboat-lab";

    private static final Duration START = Duration.ofSeconds(60);

    private final Path folder;
    private final boolean temporary;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final List<CompletableFuture<?>> starting = new CopyOnWriteArrayList<>();
    private final String lastWords;
    private final Thread lastWill = new Thread(this::endWithTheProcess, "lab-end");
    private boolean ended;
    private final LabPostgres postgres;
    private final S3Engine s3;
    private final @Nullable FaultyProxy storeProxy;
    private final TemporalEngine temporal;
    private final WorkerProcess worker;
    private final Cli cli;

    private Lab(Builder builder) {
        this.temporary = builder.folder == null;
        this.folder = builder.folder == null ? Folders.temporary("lifeboat-lab") : builder.folder;
        this.lastWords = builder.lastWords;
        Runtime.getRuntime().addShutdownHook(lastWill);
        try {
            CompletableFuture<LabPostgres> database = CompletableFuture.supplyAsync(() -> started(builder.postgres
                    .apply(LabPostgres.in(folder).cluster(CLUSTER).database("shop"))
                    .start()));
            CompletableFuture<S3Engine> store =
                    CompletableFuture.supplyAsync(() -> started(builder.engine.s3(folder.resolve("s3"))));
            CompletableFuture<TemporalEngine> server =
                    CompletableFuture.supplyAsync(() -> started(builder.engine.temporal(folder.resolve("temporal"))));
            starting.addAll(List.of(database, store, server));
            CompletableFuture.allOf(database, store, server)
                    .handle((done, failure) -> done)
                    .join();
            this.postgres = database.join();
            this.s3 = store.join();
            this.temporal = server.join();
        } catch (CompletionException e) {
            close();
            throw new IllegalStateException("the lab cannot start: " + reason(e), e);
        }
        s3.createBucket(BUCKET);
        this.storeProxy = builder.storeProxy ? started(FaultyProxy.before(s3.endpoint())) : null;
        String store = storeProxy == null ? s3.endpoint() : storeProxy.endpoint();
        LabConfig config = new LabConfig(folder, postgres, s3, store, temporal, builder.encrypted);
        config.write(builder.moreConfig);
        Checkout checkout = Checkout.find();
        this.cli = new Cli(checkout, config.file());
        this.worker = started(
                new WorkerProcess(checkout, config.file(), folder.resolve("worker.log"), builder.workerEnvironment));
        if (builder.startWorker) {
            startWorker();
        }
    }

    /** How to make one. */
    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private @Nullable Path folder;
        private EngineChoice engine = EngineChoice.ofBuild();
        private UnaryOperator<LabPostgres.Builder> postgres = UnaryOperator.identity();
        private String moreConfig = "";
        private boolean startWorker = true;
        private boolean storeProxy;
        private boolean encrypted;
        private String lastWords = "";
        private final Map<String, String> workerEnvironment = new HashMap<>();

        private Builder() {}

        /** Keeps everything in this folder, which stays; without it in a temporary one, which goes. */
        public Builder folder(Path kept) {
            this.folder = kept.toAbsolutePath().normalize();
            return this;
        }

        public Builder engine(EngineChoice choice) {
            this.engine = choice;
            return this;
        }

        public Builder postgres(UnaryOperator<LabPostgres.Builder> change) {
            this.postgres = change;
            return this;
        }

        /** More lines of {@code lifeboat.yaml}, at its top level. */
        public Builder moreConfig(String yaml) {
            this.moreConfig = yaml;
            return this;
        }

        public Builder withoutWorker() {
            this.startWorker = false;
            return this;
        }

        /** Backups are encrypted; {@link Lab#privateKey} decrypts them. */
        public Builder encrypted() {
            this.encrypted = true;
            return this;
        }

        /** The worker reaches the store through {@link Lab#storeProxy}; {@link Lab#s3} is the store itself. */
        public Builder storeProxy() {
            this.storeProxy = true;
            return this;
        }

        /** What is said when the process ends, by Ctrl-C or by itself, before this lab was closed. */
        public Builder lastWords(String line) {
            this.lastWords = line;
            return this;
        }

        public Builder workerEnvironment(String name, String value) {
            workerEnvironment.put(name, value);
            return this;
        }

        /** Returns when everything but the worker answers; see {@link WorkerProcess#awaitServing}. */
        public Lab start() {
            return new Lab(this);
        }
    }

    public Path folder() {
        return folder;
    }

    /** The lab's {@code lifeboat.yaml}. */
    public Path config() {
        return configIn(folder);
    }

    /** Only of a lab whose backups are encrypted. */
    public Path privateKey() {
        return LabConfig.key(folder);
    }

    static Path configIn(Path folder) {
        return LabConfig.file(folder);
    }

    public LabPostgres postgres() {
        return postgres;
    }

    public S3Engine s3() {
        return s3;
    }

    /** Only of a lab that was built with one. */
    public FaultyProxy storeProxy() {
        return Objects.requireNonNull(storeProxy, "this lab was built without a proxy before its store");
    }

    public TemporalEngine temporal() {
        return temporal;
    }

    public WorkerProcess worker() {
        return worker;
    }

    public Cli cli() {
        return cli;
    }

    /** Switches WAL archiving on with the operator's tool, restarting PostgreSQL for it. */
    public void setUpArchiving() {
        worker.awaitServing();
        Cli.Result result = cli.run("setup", "postgres", CLUSTER, "--apply");
        if (result.exitCode() != 0) {
            throw new IllegalStateException("the archiving cannot be set up: " + result);
        }
        postgres.restart();
    }

    @Override
    public void close() {
        endEverything();
        try {
            Runtime.getRuntime().removeShutdownHook(lastWill);
        } catch (IllegalStateException e) {
            // The hooks are running already, and this one has nothing left to do.
        }
    }

    private <T extends AutoCloseable> T started(T part) {
        synchronized (started) {
            started.push(part);
            if (ended) {
                endEverything();
                throw new IllegalStateException("the lab was ended while it started");
            }
        }
        return part;
    }

    private void startWorker() {
        synchronized (started) {
            if (!ended) {
                worker.start();
            }
        }
    }

    /** Ctrl-C may come while servers start, which is no moment to end them: nobody would know of those. */
    private void endWithTheProcess() {
        try {
            CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new))
                    .handle((done, failure) -> done)
                    .get(START.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            System.err.println("lab: something did not start in time and may be left behind below " + folder);
        }
        endEverything();
        if (!lastWords.isEmpty()) {
            System.err.println(lastWords);
        }
    }

    private void endEverything() {
        synchronized (started) {
            ended = true;
            while (!started.isEmpty()) {
                try {
                    started.pop().close();
                } catch (Exception e) {
                    System.err.println("lab: something could not be ended: " + e.getMessage());
                }
            }
        }
        if (temporary) {
            Folders.remove(folder);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null ? String.valueOf(failure.getMessage()) : String.valueOf(cause.getMessage());
    }
}
