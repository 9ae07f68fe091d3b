{%- extends 'manage_submissions.tpl' -%}

{%- block messages -%}
<div class="panel panel-default" id="grade-all" lang="{{ language | e }}" data-again="{{ texts.again | e }}" data-no-answer="{{ texts.no_answer | e }}">
  <div class="panel-body">
    <p>
      <button type="button" class="btn btn-primary" id="grade-all-button" disabled>{{ texts.button | e }}</button>
      <button type="button" class="btn btn-default" id="grade-all-stop" title="{{ texts.stops | e }}" style="display: none">{{ texts.stop | e }}</button>
      <span class="text-muted">&nbsp; {{ texts.what | e }}</span>
    </p>
    <p><code>cd {{ course_dir | e }} &amp;&amp; grader autograde {{ assignment_id | e }}</code></p>
    <div class="progress" id="grade-all-progress" hidden>
      <div class="progress-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100"></div>
    </div>
    <p id="grade-all-text" role="status"></p>
    <div class="alert" id="grade-all-error" role="alert" hidden></div>
    <details id="grade-all-log" hidden><summary class="btn-link" style="display: list-item">{{ texts.details | e }}</summary><pre></pre></details>
  </div>
</div>
{%- endblock -%}

{%- block script -%}
<script src="{{ script | e }}"></script>
{%- endblock -%}
