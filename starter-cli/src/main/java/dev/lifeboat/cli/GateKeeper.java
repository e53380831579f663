package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Puts a run's question to the person at the terminal, or says which command answers it. */
final class GateKeeper {

    private static final String APPROVAL = "approval";

    private final Tool tool;
    private final RunView view;
    private final boolean answersItself;
    private final BlockingQueue<String> typed = new LinkedBlockingQueue<>();
    private @Nullable Thread reader;
    private String asked = "";

    /** @param answersItself the run was started with {@code --yes}: approvals are no question then */
    GateKeeper(Tool tool, RunView view, boolean answersItself) {
        this.tool = tool;
        this.view = view;
        this.answersItself = answersItself;
    }

    /** Whether the prompt stands on the terminal, which a new picture would tear apart. */
    boolean isAsking(RunStatus status) {
        WaitingFor waiting = status.waitingFor();
        return waiting != null && tool.terminal().asks() && !tool.json() && asked.equals(key(waiting));
    }

    void look(RunHead run, RunStatus status) {
        WaitingFor waiting = status.waitingFor();
        if (waiting == null || (answersItself && waiting.kind().equals(APPROVAL))) {
            asked = "";
            return;
        }
        boolean asks = tool.terminal().asks() && !tool.json();
        if (!asked.equals(key(waiting))) {
            asked = key(waiting);
            tell(run, waiting, asks);
        }
        String answer = typed.poll();
        if (asks && answer != null) {
            answer(run, waiting, answer.strip().toLowerCase(Locale.ROOT));
        }
    }

    private void tell(RunHead run, WaitingFor waiting, boolean asks) {
        view.note("");
        waiting.question().lines().forEach(view::note);
        List<String> commands = commands(run.name(), waiting);
        if (!waiting.hint().isBlank() && !commands.contains(waiting.hint())) {
            view.note("hint: " + waiting.hint());
        }
        if (asks) {
            prompt(waiting);
            read();
            return;
        }
        for (String command : commands) {
            view.note("answer with '" + command + "'");
        }
    }

    /** What a person types elsewhere to answer. */
    static List<String> commands(String run, WaitingFor waiting) {
        List<String> commands = new ArrayList<>();
        List<String> answers = waiting.kind().equals(APPROVAL) ? List.of("approve", "reject") : waiting.answers();
        for (String answer : answers) {
            commands.add(
                    "lifeboat " + answer + " " + run + (waiting.kind().equals(APPROVAL) ? " " + waiting.step() : ""));
        }
        return commands;
    }

    private void prompt(WaitingFor waiting) {
        String choice = waiting.kind().equals(APPROVAL) ? "yes or no" : String.join(", ", waiting.answers());
        tool.terminal().err().print(waiting.step() + ": " + choice + "? ");
        tool.terminal().err().flush();
    }

    private void answer(RunHead run, WaitingFor waiting, String answer) {
        Answers answers = new Answers(tool);
        try {
            if (waiting.kind().equals(APPROVAL) && List.of("yes", "approve").contains(answer)) {
                answers.gate(run, "approve", waiting.step(), "");
            } else if (waiting.kind().equals(APPROVAL)
                    && List.of("no", "reject").contains(answer)) {
                answers.gate(run, "reject", waiting.step(), "");
            } else if (!waiting.kind().equals(APPROVAL) && waiting.answers().contains(answer)) {
                answers.decide(run, answer, "");
            } else {
                prompt(waiting);
            }
        } catch (CliFailure e) {
            view.note(String.valueOf(e.getMessage()));
            view.note("hint: " + e.hint());
            prompt(waiting);
        }
    }

    private void read() {
        if (reader != null) {
            return;
        }
        reader = new Thread(this::readLines, "answers");
        reader.setDaemon(true);
        reader.start();
    }

    private void readLines() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(tool.terminal().in(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                typed.add(line);
            }
        } catch (IOException e) {
            tool.say("lifeboat: no more answers can be read here; answer from another terminal");
        }
    }

    private static String key(WaitingFor waiting) {
        return waiting.kind() + "/" + waiting.step() + "/" + waiting.since();
    }
}
