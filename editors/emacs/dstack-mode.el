;;; dstack-mode.el --- Editing dstack configuration files  -*- lexical-binding: t; -*-

;; Author: The authors of dstack-lsp
;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: languages, tools
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A major mode for the YAML files of dstack (https://dstack.ai): it
;; recognizes them and starts the language server dstack-lsp for them, with
;; Eglot or with lsp-mode, whichever you use.
;;
;; Highlighting comes from `yaml-ts-mode' if its grammar is installed, from
;; `yaml-mode' if that is installed, or else from a few lines in this file.
;; Servers for plain YAML do not start.
;;
;;     (add-hook 'dstack-mode-hook #'eglot-ensure)    ; or #'lsp-deferred

;;; Code:

(declare-function dstack-lsp-mode-rule "dstack-lsp-mode")
(declare-function flymake-diagnostics "flymake")
(declare-function flymake-diagnostic-data "flymake")
(declare-function treesit-ready-p "treesit")
(defvar eglot-send-changes-idle-time)
(defvar lsp-idle-delay)

(defgroup dstack nil
  "Editing dstack configuration files."
  :group 'languages
  :prefix "dstack-")

(defcustom dstack-server-command '("dstack-lsp")
  "The language server and its arguments."
  :type '(repeat string))

(defcustom dstack-release "auto"
  "The release of dstack that files are checked against.
\"auto\" is the one that the project pins, in its lock file for example,
or the newest that the server knows.  Read when the server starts."
  :type 'string)

(defcustom dstack-idle-delay 0
  "Seconds without a key before edits of a dstack file are sent to the server.
Overrides `eglot-send-changes-idle-time' and `lsp-idle-delay' there, but
in no other file; nil leaves them alone."
  :type '(choice number (const :tag "As everywhere" nil)))

(defvar-local dstack-release-in-use nil
  "The release of dstack that this file is checked against, or nil.")

(defvar-local dstack--release-source nil
  "Where `dstack-release-in-use' was found, for people.")

(defvar dstack-plain-mode-font-lock-keywords
  `((,(rx bol (* (any " -")) (group (+ (any "a-z" "A-Z" "0-9" "_."))) (* " ") ":" (or " " eol))
     (1 'font-lock-variable-name-face))
    (,(rx (any " " "[" ",") (group (or "true" "false" "null" "on" "off" "yes" "no")) (* " ") (or eol (any ",]#")))
     (1 'font-lock-constant-face))
    (,(rx "${{" (*? nonl) "}}") . 'font-lock-preprocessor-face))
  "Colors of YAML where no other mode has them.")

(define-derived-mode dstack-plain-mode prog-mode "YAML"
  "YAML in plain colors, where no other mode for it is installed."
  :syntax-table (let ((table (make-syntax-table)))
                  (modify-syntax-entry ?# "<" table)
                  (modify-syntax-entry ?\n ">" table)
                  (modify-syntax-entry ?\" "\"" table)
                  (modify-syntax-entry ?_ "_" table)
                  (modify-syntax-entry ?- "_" table)
                  table)
  (setq-local comment-start "# "
              comment-start-skip "#+ *"
              indent-tabs-mode nil
              indent-line-function #'indent-relative
              font-lock-defaults '(dstack-plain-mode-font-lock-keywords)))

(defalias 'dstack-yaml-mode
  (cond ((and (require 'treesit nil t) (treesit-ready-p 'yaml t)) 'yaml-ts-mode)
        ((or (fboundp 'yaml-mode) (require 'yaml-mode nil t)) 'yaml-mode)
        (t 'dstack-plain-mode))
  "The mode that `dstack-mode' is derived from.")

;;;###autoload
(define-derived-mode dstack-mode dstack-yaml-mode "dstack"
  "Major mode for the configuration files of dstack.
The name of the mode is followed by the release of dstack that the
language server checks the file against."
  (when dstack-idle-delay
    (setq-local eglot-send-changes-idle-time dstack-idle-delay
                lsp-idle-delay dstack-idle-delay))
  (setq mode-name '("dstack" (dstack-release-in-use
                              (:propertize (" " dstack-release-in-use)
                                           help-echo dstack--help-echo)))))

(defun dstack--help-echo (window _object _position)
  "Where the release in the mode line of WINDOW was found."
  (buffer-local-value 'dstack--release-source (window-buffer window)))

;;;###autoload
(progn
  (add-to-list 'auto-mode-alist '("\\.dstack\\.ya?ml\\'" . dstack-mode))
  (add-to-list 'auto-mode-alist
               '("/\\.dstack/\\(?:profiles\\|config\\|server/config\\|templates/[^/]+\\)\\.ya?ml\\'"
                 . dstack-mode)))

(defun dstack-show-release (file &optional release source note)
  "Show in the mode line of FILE that it is checked against RELEASE.
SOURCE and NOTE say why it is that one."
  (when-let* ((buffer (find-buffer-visiting file)))
    (with-current-buffer buffer
      (setq dstack-release-in-use release
            dstack--release-source (string-trim (concat source " " note)))
      (force-mode-line-update))))

(defun dstack--run (&rest arguments)
  "What the command `dstack-lsp' prints when it is called with ARGUMENTS."
  (with-temp-buffer
    (let ((status (apply #'call-process (car dstack-server-command) nil t nil arguments)))
      (unless (eq status 0)
        (user-error "%s" (string-trim (buffer-string))))
      (buffer-string))))

(defun dstack--rule-at-point ()
  "The rule of the finding at point, or else of the first in this line."
  (let ((of (lambda (found)
              (seq-some (lambda (it)
                          ;; The data of Eglot; other checkers store other things there.
                          (let* ((data (flymake-diagnostic-data it))
                                 (told (and (listp data) (cdr (assq 'eglot-lsp-diag data)))))
                            (and (equal (plist-get told :source) "dstack") (plist-get told :code))))
                        found))))
    (cond ((bound-and-true-p lsp-mode) (dstack-lsp-mode-rule))
          ((bound-and-true-p flymake-mode)
           (or (funcall of (flymake-diagnostics (point)))
               (funcall of (flymake-diagnostics (pos-bol) (pos-eol))))))))

;;;###autoload
(defun dstack-explain (rule)
  "Explain RULE, one of those of the language server."
  (interactive
   (let* ((rules (mapcar (lambda (line) (car (split-string line)))
                         (split-string (dstack--run "explain") "\n" t)))
          (default (dstack--rule-at-point)))
     (list (completing-read (format-prompt "Explain rule" default) rules nil t nil nil default))))
  (let ((text (dstack--run "explain" rule)))
    (with-help-window (help-buffer)
      (princ text))))

(provide 'dstack-mode)

(with-eval-after-load 'eglot (require 'dstack-eglot))
(with-eval-after-load 'lsp-mode (require 'dstack-lsp-mode))

;;; dstack-mode.el ends here
