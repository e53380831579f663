package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Prepares a restored copy for its recovery, and computes the settings that each start of it is given. */
final class CopyConfiguration {

    /** Without these being preloaded, data that they keep cannot be read, nor their WAL be replayed. */
    private static final Set<String> NEEDED_LIBRARIES = Set.of("timescaledb", "citus", "pg_tde", "orioledb", "rum");

    /** Of the copy's {@code postgresql.conf}, while it recovers, where that one's includes lead elsewhere from here. */
    static final String ANCHORED = "anchored.conf";

    private final PostgresCluster cluster;
    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;
    private final CopyServer server;

    CopyConfiguration(PostgresCluster cluster, RecoveryPlan plan, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.plan = plan;
        this.workspace = workspace;
        this.server = new CopyServer(cluster, workspace);
    }

    /** Ends with the proof that a server with these settings would use the copy. A second call changes nothing more. */
    List<Check> prepare() {
        try {
            CopyAccess.install(workspace);
            RestoreShim.install(workspace);
            cleanAutoConf();
            if (!workspace.has("promoted")) {
                Files.deleteIfExists(workspace.copy().resolve("standby.signal"));
                FileTrees.replace(workspace.copy().resolve("recovery.signal"), "", workspace.user());
            }
        } catch (IOException e) {
            throw FileTrees.failed("configure the recovery in " + workspace.copy(), e);
        }
        server.proveItIsTheCopy(settings());
        return List.of(Check.of(
                "settings name the copy",
                workspace.copy().toString(),
                workspace.copy().toString(),
                true));
    }

    Map<String, String> settings() {
        try {
            ControlFile control =
                    ControlFile.read(cluster.binary("pg_controldata"), workspace.user(), workspace.copy());
            return RecoverySettings.of(
                    plan,
                    new RecoverySettings.Surroundings(
                            workspace,
                            configFile(),
                            workspace.socketFolder(),
                            control,
                            libraries(),
                            HostResources.sharedBuffersMb(),
                            HostResources.maxWalMb(workspace.root())));
        } catch (IOException e) {
            throw FileTrees.failed("compute the settings of " + workspace.copy(), e);
        }
    }

    /** The one in the data directory, else the copy that came with the backup, else none of its owner's settings. */
    private Path configFile() throws IOException {
        Path inside = workspace.copy().resolve("postgresql.conf");
        if (Files.exists(inside)) {
            return leadingToTheSameFiles(inside);
        }
        Path outside = workspace.config().resolve("postgresql.conf");
        if (!Files.exists(outside)) {
            FileTrees.makePrivate(workspace.config(), workspace.user());
            FileTrees.replace(outside, "", workspace.user());
        }
        return outside;
    }

    /** The owner's file stays byte for byte what it was: it leads to the right files again once it is in its place. */
    private Path leadingToTheSameFiles(Path inside) throws IOException {
        String text = Files.readString(inside, StandardCharsets.UTF_8);
        Path original = Path.of(plan.directories().live());
        if (Includes.anchored(text, workspace.copy(), original, false).equals(text)) {
            return inside;
        }
        FileTrees.makePrivate(workspace.config(), workspace.user());
        Path anchored = workspace.config().resolve(ANCHORED);
        FileTrees.replace(anchored, Includes.anchored(text, workspace.copy(), original, true), workspace.user());
        return anchored;
    }

    private void cleanAutoConf() throws IOException {
        Path file = workspace.copy().resolve("postgresql.auto.conf");
        if (!Files.exists(file)) {
            return;
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        if (!workspace.has("auto-conf")) {
            workspace.write("auto-conf", text);
        }
        FileTrees.replace(file, AutoConf.forCopy(text), workspace.user());
    }

    private String libraries() throws IOException {
        String all = ConfText.lastValue(Files.readString(configFile()), "shared_preload_libraries");
        Path auto = workspace.copy().resolve("postgresql.auto.conf");
        if (Files.exists(auto)) {
            String own = ConfText.lastValue(Files.readString(auto), "shared_preload_libraries");
            all = own.isEmpty() ? all : own;
        }
        return Arrays.stream(all.split(","))
                .map(String::strip)
                .filter(library -> NEEDED_LIBRARIES.contains(library) || workspace.has("keep-libraries"))
                .collect(Collectors.joining(","));
    }
}
