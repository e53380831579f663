package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.objectstore.ImpatientStore;
import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.lab.store.Fault;
import dev.lifeboat.lab.store.FaultyStoreProxy;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One way to the store under one fault: what came of it, in the words of the page. */
final class FaultCell {

    private static final int TWICE = 2;
    private static final int ALWAYS = Integer.MAX_VALUE;
    private static final int ATTEMPTS = 6;

    private final FaultWorld world;
    private final FaultPath way;
    private final Fault fault;

    FaultCell(FaultWorld world, FaultPath way, Fault fault) {
        this.world = world;
        this.way = way;
        this.fault = fault;
    }

    @Override
    public String toString() {
        return way.title() + " under " + fault.title();
    }

    /** Two requests meet the fault, then the store is well again. */
    String passing() throws Exception {
        try (Stage stage = new Stage(TWICE)) {
            String outcome = "";
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                Tried tried = stage.attempt();
                if (tried.done()) {
                    stage.scene.requireIntact();
                    return stage.proxy.made() == 0 ? "—" : outcome.isEmpty() ? fluently() : outcome;
                }
                outcome = outcome.isEmpty() ? inWords(tried.failure()) : outcome;
                if (isRefusal(tried.failure())) {
                    // What a person does between the failed step and "retry".
                    stage.proxy.heal();
                }
            }
            throw new AssertionError("not done after %d attempts: %s".formatted(ATTEMPTS, outcome));
        }
    }

    /** Each request meets the fault until somebody has looked at what it does; then the same is asked for again. */
    String staying() throws Exception {
        try (Stage stage = new Stage(ALWAYS)) {
            Tried tried = stage.attempt();
            String outcome;
            if (tried.done()) {
                stage.scene.requireIntact();
                outcome = stage.proxy.made() == 0 ? "—" : fault.isSlowness() ? "slower" : "not hindered";
            } else {
                stage.scene.requireNothingWrong();
                outcome = inWords(tried.failure());
            }
            stage.proxy.heal();
            Tried again = stage.attempt();
            while (!again.done() && again.failure() == null) {
                again = stage.attempt();
            }
            assertThat(again.failure()).as("after the fault").isNull();
            stage.scene.requireIntact();
            return outcome;
        }
    }

    private String fluently() {
        return fault.isSlowness() ? "slower" : "ridden out";
    }

    private static boolean isRefusal(@Nullable RecoveryFailure failure) {
        return failure != null && !failure.code().isRetriedByMachine();
    }

    /** Of an attempt that did not end well; without a failure it goes on in the background. */
    private static String inWords(@Nullable RecoveryFailure failure) {
        if (failure == null) {
            return "waits";
        }
        FailureCode code = failure.code();
        return (code.isRetriedByMachine() ? "next attempt" : "stops") + ": `" + code + "`";
    }

    private record Tried(boolean done, @Nullable RecoveryFailure failure) {}

    private final class Stage implements AutoCloseable {
        private final FaultyStoreProxy proxy = FaultyStoreProxy.before(world.s3.endpoint());
        private final String prefix = UUID.randomUUID().toString();
        private final Path folder = Files.createTempDirectory(world.folder, "cell");
        private final S3ObjectStore through = open(prefix, proxy.endpoint());
        private final S3ObjectStore direct = open(prefix, world.s3.endpoint());
        private final S3ObjectStore shared = open(FaultWorld.SHARED, proxy.endpoint());
        private final FaultPath.Scene scene;

        Stage(int times) throws Exception {
            this.scene = way.open(new FaultPath.Place(through, direct, shared, folder));
            proxy.spoil(fault, way::concerns, times);
        }

        Tried attempt() throws Exception {
            try {
                return new Tried(scene.attempt(), null);
            } catch (RecoveryFailure failure) {
                return new Tried(false, failure);
            }
        }

        private S3ObjectStore open(String prefix, String endpoint) {
            return ImpatientStore.open(world.s3.bucket(FaultWorld.BUCKET, prefix, endpoint), world.s3.environment());
        }

        @Override
        public void close() throws Exception {
            try {
                scene.close();
            } finally {
                through.close();
                direct.close();
                shared.close();
                proxy.close();
                FileTrees.delete(folder);
            }
        }
    }
}
