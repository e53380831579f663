package dev.lifeboat.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Nearest;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.config.RunbookCatalog;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every command works with. Configuration, catalogue and Temporal are opened when they are first needed. */
final class Tool implements AutoCloseable {

    /** A cluster's objectives are about its log, which holds every minute; a dump holds one moment of a day. */
    private static final Set<String> OF_THE_LOG = Set.of(PitrRecoveryWorkflow.TYPE, BaseBackupWorkflow.TYPE);

    private final Surroundings surroundings;
    private final GlobalOptions options;
    private @Nullable LifeboatConfig config;
    private @Nullable RunbookCatalog catalog;
    private @Nullable Gateway gateway;

    Tool(Surroundings surroundings, GlobalOptions options) {
        this.surroundings = surroundings;
        this.options = options;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Terminal terminal() {
        return options.noColor() ? surroundings.terminal().plain() : surroundings.terminal();
    }

    boolean json() {
        return options.json();
    }

    synchronized LifeboatConfig config() {
        if (config == null) {
            config = ConfigReader.read(
                    ConfigReader.locate(options.config(), surroundings.environment(), surroundings.workingFolder()),
                    this::catalog);
        }
        return config;
    }

    boolean namesConfig() {
        return options.config() != null;
    }

    synchronized RunbookCatalog catalog() {
        if (catalog == null) {
            catalog = RunbookCatalog.of(surroundings.root());
        }
        return catalog;
    }

    synchronized Gateway gateway() {
        if (gateway == null) {
            gateway = surroundings.temporal().apply(config().temporal());
        }
        return gateway;
    }

    Inquiries inquiries() {
        return new Inquiries(gateway(), surroundings.signOfLife());
    }

    Runbook runbook(String id) {
        return catalog().find(id).orElseThrow(() -> {
            List<String> known = catalog().all().stream().map(Runbook::id).toList();
            return CliFailure.usage(
                    "there is no runbook '" + id + "'"
                            + Nearest.to(id, known)
                                    .filter(near -> Nearest.isClose(id, near))
                                    .map(near -> "; the nearest one is '" + near + "'")
                                    .orElse(""),
                    "'lifeboat list' shows them all");
        });
    }

    PostgresCluster cluster(String name) {
        return config().cluster(name)
                .orElseThrow(() -> new CliFailure(
                        ExitCode.USAGE,
                        "UNKNOWN_CLUSTER",
                        "there is no cluster '" + name + "' in " + config().file() + "; it has "
                                + String.join(", ", config().postgres().keySet()),
                        "name one of these, or add it below 'postgres:'"));
    }

    Objectives objectives(Runbook runbook, PostgresCluster cluster) {
        Objectives own = cluster.objectives();
        return own == null || !OF_THE_LOG.contains(runbook.workflow()) ? runbook.objectives() : own;
    }

    /** What each cluster is promised, by name. */
    Map<String, Objectives> promises(Runbook runbook) {
        Map<String, Objectives> promises = new LinkedHashMap<>();
        config().postgres().forEach((name, cluster) -> promises.put(name, objectives(runbook, cluster)));
        return promises;
    }

    /** Checks the name of a run before Temporal is asked for it. */
    RunRef run(String text) {
        RunRef run = RunRef.parse(text);
        runbook(run.runbook());
        return run;
    }

    CliFailure explain(Throwable thrown) {
        LifeboatConfig known = config;
        return Failures.explain(
                thrown,
                known == null ? "Temporal" : "Temporal at " + known.temporal().address());
    }

    /** The result of a command: one JSON document, or lines. */
    void print(Object document, Iterable<String> lines) {
        if (json()) {
            terminal().out().println(toJson(document));
        } else {
            lines.forEach(terminal().out()::println);
        }
    }

    /** Talk that no script reads. */
    void say(String line) {
        terminal().err().println(line);
    }

    void complain(CliFailure failure) {
        if (json()) {
            terminal().out().println(toJson(document(failure)));
        }
        complainInWords(failure);
    }

    /** Where the result stands on standard output already. */
    void complainInWords(CliFailure failure) {
        if (failure.refusals().isEmpty()) {
            complain(String.valueOf(failure.getMessage()), failure.hint());
        }
        failure.refusals().forEach(refusal -> complain(refusal.message(), refusal.hint()));
    }

    private void complain(String message, String hint) {
        terminal().err().println("lifeboat: error: " + oneLine(message));
        terminal().err().println("lifeboat: hint: " + (hint.isBlank() ? "'lifeboat --help'" : oneLine(hint)));
    }

    /**
     * Scripts look at the beginnings of lines; what a library or a server said may have several. What was typed or read
     * may hold what moves a cursor or turns the direction of writing.
     */
    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    private static Map<String, Object> document(CliFailure failure) {
        Map<String, Object> document = new LinkedHashMap<>();
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", failure.code());
        error.put("message", String.valueOf(failure.getMessage()));
        error.put("hint", failure.hint());
        document.put("error", error);
        if (!failure.refusals().isEmpty()) {
            document.put("refusals", failure.refusals());
        }
        return document;
    }

    static String toJson(Object document) {
        try {
            ObjectMapper json = PayloadMapper.json();
            return json.writerWithDefaultPrettyPrinter().writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result could not be written as JSON", e);
        }
    }

    @Override
    public synchronized void close() {
        if (gateway != null) {
            gateway.close();
        }
    }
}
