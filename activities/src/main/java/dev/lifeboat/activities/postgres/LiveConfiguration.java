package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The live cluster's configuration where it lies outside of the data directory, as on Debian: the swap does not bring it
 * back. What is there is its owner's and stays as it is; what is gone comes from the base backup.
 */
final class LiveConfiguration {

    private final LiveContext context;
    private final ObjectStore store;

    LiveConfiguration(LiveContext context, ObjectStore store) {
        this.context = context;
        this.store = store;
    }

    /** A second call changes nothing more. One file that is missing beside the others was somebody's wish. */
    Optional<Finding> restoreMissing(RecoveryOrder order) throws IOException {
        Path main = context.cluster().configFile();
        if (main == null || Files.exists(main)) {
            return Optional.empty();
        }
        RecoveryPlan plan = order.plan();
        RecoveryWorkspace workspace = new RecoveryWorkspace(plan.directories(), context.user());
        BaseBackupManifest manifest = new BaseBackupCatalog(store, plan.cluster())
                .read(plan.systemId(), plan.backup().id());
        OutsideConfiguration outside = new OutsideConfiguration(workspace, manifest.outside(), main);
        List<String> restored = new ArrayList<>();
        // The main file is the last: an attempt that ends before it is made again.
        List<OutsideFile> files = new ArrayList<>(manifest.outside());
        files.sort(Comparator.comparing(file -> Path.of(file.path()).equals(main)));
        for (OutsideFile file : files) {
            Path place = Path.of(file.path());
            Path saved = outside.arranged(file);
            if (!Files.exists(place) && Files.exists(saved)) {
                context.mayChange(order);
                FileTrees.makePrivate(place.resolveSibling(""), context.user());
                FileTrees.replace(place, Files.readString(saved, StandardCharsets.UTF_8), context.user());
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-r-----"));
                restored.add(place.toString());
            }
        }
        if (Files.exists(main)) {
            OutsideConfiguration.completeIncludes(main, context.user());
        }
        return restored.isEmpty()
                ? Optional.empty()
                : Optional.of(new Finding(
                        "medium",
                        "%s was gone; %s came back as in the base backup".formatted(main, String.join(", ", restored)),
                        "look through them, and at their modes; what else was in that folder is still missing"));
    }

    /** @throws RecoveryFailure CONFIGURATION_BROKEN with the server's own words, before it is started in vain */
    void requireUsable(RecoveryOrder order) {
        Commands.Result said = Commands.run(
                context.user(),
                new ServerCommand(context).postgres("-C", "data_directory"),
                Map.of(),
                Duration.ofSeconds(20));
        Path config = context.cluster().configFile();
        String file = (config == null ? context.dataDirectory().resolve("postgresql.conf") : config).toString();
        if (!said.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.CONFIGURATION_BROKEN,
                    "cannot start the recovered server of %s: it cannot read %s: %s"
                            .formatted(
                                    context.cluster().name(),
                                    file,
                                    said.errors().strip()),
                    "repair it%s, then 'lifeboat retry'".formatted(config == null ? "" : asBackedUp(order)));
        }
        Path named = Path.of(said.output().strip());
        if (!isSame(named, context.dataDirectory())) {
            throw new RecoveryFailure(
                    FailureCode.CONFIGURATION_BROKEN,
                    "cannot start the recovered server of %s: %s names the data directory %s, lifeboat.yaml names %s"
                            .formatted(context.cluster().name(), file, named, context.dataDirectory()),
                    "make them name the same directory, then 'lifeboat retry'");
        }
    }

    private String asBackedUp(RecoveryOrder order) {
        Path saved = new RecoveryWorkspace(order.plan().directories(), context.user())
                .config()
                .resolve("postgresql.conf");
        return Files.exists(saved) ? " (as it was in the base backup: %s)".formatted(saved) : "";
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return one.toRealPath().equals(other.toRealPath());
        } catch (IOException e) {
            return one.normalize().equals(other.normalize());
        }
    }
}
